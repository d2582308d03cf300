/**
 * Images in ECR's archive: there, and not to be pulled until they are restored.
 * Source: User Guide of Amazon ECR, "Archiving and restoring images". Restoring takes up to 20 minutes there.
 */
import { ApiError } from '../gateway/index.ts';

export type ImageStatus = 'ACTIVE' | 'ARCHIVED' | 'ACTIVATING';

/** Where an image is kept; one that never was in the archive has none of it. */
export interface Storage {
  archivedAt?: Date;
  /** When it was restored, or will have been. */
  activatedAt?: Date;
}

/** Long enough to be seen by whoever looks, short enough to be waited for. */
const RESTORE_MILLISECONDS = 10_000;

export function statusOf({ archivedAt, activatedAt }: Storage, now = Date.now()): ImageStatus {
  if (archivedAt === undefined) return 'ACTIVE';
  if (activatedAt === undefined || activatedAt <= archivedAt) return 'ARCHIVED';
  return now < activatedAt.getTime() ? 'ACTIVATING' : 'ACTIVE';
}

/**
 * Moves an image to a storage class.
 * @throws ApiError ImageStorageClassUpdateNotSupportedException when it is there already (assumed; wording ours)
 */
export function moved(storage: Storage, target: string, now = Date.now()): Storage {
  const status = statusOf(storage, now);
  if (target === 'ARCHIVE' && status === 'ACTIVE') return { ...storage, archivedAt: new Date(now) };
  if (target === 'STANDARD' && status === 'ARCHIVED')
    return { ...storage, activatedAt: new Date(now + RESTORE_MILLISECONDS) };
  const what = `An image whose status is ${status} can not be moved to the storage class ${target}.`;
  throw new ApiError('ImageStorageClassUpdateNotSupportedException', what);
}
