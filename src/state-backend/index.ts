export { backendNames, ensureBackend, findBackend, stateKey } from './backend.ts';
export type { FoundBackend } from './backend.ts';
export { openBucket } from './bucket.ts';
export { lockNotice, lockOwner, readLock, readNativeLock } from './locks.ts';
export { releaseCommand } from './release-lock.ts';
export { releasedNotice, releaseLock } from './release.ts';
