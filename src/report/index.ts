export { failureOf } from './failure.ts';
export { consoleLinks } from './links.ts';
export { notificationFor, notify } from './notification.ts';
export { newRecord, outcomeOf, publicWords, tookOf } from './record.ts';
export type { Conclusion, Outcome, RunRecord } from './record.ts';
export { report } from './report.ts';
export type { Reported } from './report.ts';
