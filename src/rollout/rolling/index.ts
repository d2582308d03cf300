export { finishRefresh, parseRolloutState } from './after-cancel.ts';
export type { RolloutState } from './after-cancel.ts';
export { settleConcurrentRefresh, throwIfCancelled } from './concurrent.ts';
export { verifySuccess } from './finish.ts';
export { startRefresh } from './start.ts';
export { requireNotSuperseded } from './superseded.ts';
export { failure, resultOf, undoFinished, unsuccessful, diagnoseCause } from './undo.ts';
export type { ActiveRollout } from './undo.ts';
