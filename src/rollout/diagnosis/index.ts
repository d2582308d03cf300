export { diagnose } from './diagnose.ts';
export { smokeDiagnosis } from './smoke.ts';
export { instanceCount, targetText } from './words.ts';
