export { lookAtEnvironment } from './environment.ts';
export { readImages, repositoryOf } from './registry.ts';
export type { Environment } from './environment.ts';
export type { ImageFacts } from './registry.ts';
