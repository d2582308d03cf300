export { lookAtEnvironment } from './environment.ts';
export { readImages, repositoryOf } from '../image/registered.ts';
export type { Environment } from './environment.ts';
export type { ImageFacts } from '../image/registered.ts';
