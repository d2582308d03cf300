export { checkArchitecture } from './architecture.ts';
export { checkFirst, foretell, launchSeconds, look } from './check.ts';
export type { Finding } from './finding.ts';
