export { checkBootstrap, handedOn, readBootstrap } from './bootstrap.ts';
export type { Bootstrap } from './bootstrap.ts';
export { emptyBuckets, fullBuckets } from './buckets.ts';
export { readEnvironment } from './environment.ts';
export type { Environment } from './environment.ts';
export { rollbackTarget } from './history.ts';
export { parameterNames } from './parameters.ts';
export { imageOf, statusLines, statusReport, versionsToShow } from './status.ts';
export type { StatusReport } from './status.ts';
