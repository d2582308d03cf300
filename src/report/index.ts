export { failureOf } from './failure.ts';
export { consoleLinks } from './links.ts';
export { newRecord, nothingDone } from './record.ts';
export type { RunRecord } from './record.ts';
export { report } from './report.ts';
