export { abortRefresh } from './abort.ts';
export { rolling } from './rolling.ts';
export { isMixture, isPartial, isUnfinished, rollingState, rollingWords, shareOf } from './state.ts';
export type { RollingState } from './state.ts';
