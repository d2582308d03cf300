export { defaultBucket, defaultLockTable, ensureBackend, findBackend, stateKey } from './backend.ts';
export type { FoundBackend } from './backend.ts';
export { openBucket } from './bucket.ts';
export { ourselves, readLock, tellLock } from './locks.ts';
export { releaseCommand } from './release-lock.ts';
