export { foresee } from './foresee.ts';
export { rollOut } from './rollout.ts';
