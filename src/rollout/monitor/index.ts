export { cameUpSentence, watchComeUp } from './initial-deployment.ts';
export { learnHooks, watch } from './monitor.ts';
export type { WatchEnd } from './monitor.ts';
export { lookForGroup } from './observe.ts';
export { nextPoll, remainingSeconds } from './poll-interval.ts';
export { RolloutHistory } from './tracker.ts';
export { verify } from './verify.ts';
