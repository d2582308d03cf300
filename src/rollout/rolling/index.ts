export { abortRefresh } from './abort.ts';
export { rolling } from './rolling.ts';
export { isPartial, isUnfinished, rollingState, rollingWords, shareOf } from './state.ts';
export type { RollingState } from './state.ts';
