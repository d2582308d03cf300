export { cancelledBeforehand, throwIfCancelled } from './cancelled-beforehand.ts';
export { previousName } from './context.ts';
export type { DiagnosisNames, RolloutContext } from './context.ts';
export { pollUntil } from './poll-until.ts';
export { bestEffort, notAllowed, unansweredSeconds, withRetry } from './retry.ts';
