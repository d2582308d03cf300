export { finishRefresh } from './after-cancel.ts';
export { settleActive, throwIfCancelled } from './concurrent.ts';
export { succeeded } from './finish.ts';
export { startRefresh } from './start.ts';
export { throwIfOvertaken } from './superseded.ts';
export { failure, resultOf, undoFinished, unsuccessful, wordsFor } from './undo.ts';
export type { Underway } from './undo.ts';
