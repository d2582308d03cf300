export type { RolloutApi } from './api.ts';
export { awsRolloutApi } from './client.ts';
export { refreshOf } from './convert.ts';
