export { checkArchitecture } from './architecture.ts';
export { requirePreflight, announceEstimate, launchSeconds, runPreflight } from './check.ts';
export type { Finding } from './finding.ts';
