export { checkArchitecture } from './preflight/architecture.ts';
export { foresee } from './preview.ts';
export { rollOut } from './roll-out.ts';
