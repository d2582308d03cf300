export { diagnose } from './diagnose.ts';
export { smokeDiagnosis, unmadeDiagnosis } from './smoke.ts';
export { instanceCount, targetText } from './words.ts';
