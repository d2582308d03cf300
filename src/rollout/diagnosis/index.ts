export { diagnose } from './diagnose.ts';
export { smokeDiagnosis } from './smoke.ts';
export { instanceCount } from './words.ts';
