export { defaultPatience, likeliestCause, restartedCause, verdict, waitingFor } from './verdict.ts';
export type { Cause, Patience } from './verdict.ts';
