export { checkArchitecture } from './architecture.ts';
export { foresee } from './foresee.ts';
export { rollOut } from './rollout.ts';
