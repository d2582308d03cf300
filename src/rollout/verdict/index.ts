export { verdictTimeouts, likeliestCause, restartedCause, verdict, waitingFor } from './verdict.ts';
export type { Cause, VerdictTimeouts } from './verdict.ts';
