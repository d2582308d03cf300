export { findImage } from './existing.ts';
export { publishImage, startBuild } from './image.ts';
export type { BuildResult } from './image.ts';
export { platformsOf } from './platform.ts';
export { currentCommit } from './identity.ts';
export { commitOf, commitTag, readImage, readImages, readOutlook, repositoryOf } from './registered.ts';
export type { ImageFacts, ImageState } from './registered.ts';
export { ensureRepository } from './repository.ts';
export { hasRegistry } from './target.ts';
