export { endRunningChildren, runChild } from './child-process.ts';
export type { ChildOptions, ChildResult } from './child-process.ts';
export { sideBySide } from './in-parallel.ts';
export type { Run } from './run.ts';
