export { describeLeft } from './left.ts';
export type { ActiveRollout, Concurrent, RollbackOutcome, StateLeft, Strategy } from './strategy.ts';
