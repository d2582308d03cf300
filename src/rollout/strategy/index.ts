export { describeLeft } from './left.ts';
export type {
  ActiveRollout,
  Concurrent,
  Forecast,
  RollbackOutcome,
  StateLeft,
  Strategy,
} from './strategy.ts';
