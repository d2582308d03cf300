export type { RolloutApi } from './api.ts';
export { awsRolloutApi } from './client.ts';
export { activityOf, refreshOf } from './convert.ts';
