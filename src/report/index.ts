export { failureOf } from './failure.ts';
export { consoleLinks } from './links.ts';
export { newRecord, publicWords, tookOf } from './record.ts';
export type { Conclusion, RunRecord } from './record.ts';
export { report } from './report.ts';
