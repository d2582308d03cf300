export { bestEffort, notAllowed, withRetry, previousName } from './context.ts';
export type { DiagnosisNames, RolloutContext } from './context.ts';
