export { endRunningChildren, runChild } from './child-process.ts';
export type { ChildOptions, ChildResult } from './child-process.ts';
export { runCommand } from './command.ts';
export { endLeft, hasEnded } from './has-ended.ts';
export { runInParallel } from './in-parallel.ts';
export type { Run } from './run.ts';
export { untilAbort } from './until-abort.ts';
