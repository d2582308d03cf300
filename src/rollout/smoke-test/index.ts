export { addressOf } from './request.ts';
export type { SmokeTest } from './request.ts';
export { adviceFor, RolloutSmokeTest } from './smoke-test.ts';
export type { SmokeFailure, SmokeTestUnmade } from './smoke-test.ts';
