export { diagnose } from './diagnose.ts';
export { smokeDiagnosis } from './smoke.ts';
export { count } from './words.ts';
