export { findImage } from './existing.ts';
export { publishImage, startBuild } from './image.ts';
export { platformsOf } from './platform.ts';
export { ensureRepository } from './repository.ts';
export type { Built } from './image.ts';
