export { cancelledBeforehand, throwIfCancelled } from './cancelled-beforehand.ts';
export { previousName } from './context.ts';
export type { DiagnosisNames, RolloutContext } from './context.ts';
export { CourseRecorder } from './course.ts';
export type { GroupSight } from './course.ts';
export { pollUntil } from './poll-until.ts';
export { bestEffort, noLongerAllowed, notAllowed, unansweredSeconds, withRetry } from './retry.ts';
