export { finishRefresh, parseRolloutState } from './after-cancel.ts';
export type { RolloutState } from './after-cancel.ts';
export { rolling } from './rolling.ts';
