export { describeLeft } from './left.ts';
export type {
  Aborted,
  ActiveRollout,
  Concurrent,
  Forecast,
  RollbackOutcome,
  StateLeft,
  Strategy,
  TakenBack,
} from './strategy.ts';
