export { addressOf } from './request.ts';
export type { SmokeTest } from './request.ts';
export { RolloutSmokeTest } from './smoke-test.ts';
export type { SmokeFailure } from './smoke-test.ts';
