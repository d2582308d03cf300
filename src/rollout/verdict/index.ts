export { evaluateRollout, likeliestCause, restartedCause, verdictTimeouts, waitingFor } from './verdict.ts';
export type { Cause, VerdictTimeouts } from './verdict.ts';
