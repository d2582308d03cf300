import { UpdateImageStorageClassCommand } from '@aws-sdk/client-ecr';
import {
  type Clock,
  DeployError,
  duration,
  errorText,
  repositoryName,
  splitDigest,
  systemClock,
} from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { named, type RepositoryAccess } from './ecr.ts';
import { accessTo, describeImage, isArchived } from './registered.ts';

/** Seconds: "within 20 minutes" (https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html). */
const longest = 30 * 60;
const pause = 15;

/** The command that brings an archived image back. */
export function restoreCommand(reference: string): string {
  const { repository, digest } = splitDigest(reference);
  return `aws ecr update-image-storage-class --target-storage-class STANDARD --repository-name ${repositoryName(repository)} --image-id imageDigest=${digest}`;
}

/**
 * Brings an archived image back, and waits until it can be pulled.
 *
 * @param reference `repository@digest`
 * @throws DeployError `image-missing` when AWS does not restore it, or not in half an hour; the signal's reason on cancel
 */
export async function restoreImage(
  run: Pick<Run, 'aws' | 'log' | 'signal'>,
  reference: string,
  clock: Clock = systemClock,
): Promise<void> {
  const { repository, digest } = splitDigest(reference);
  const access = await accessTo(run, repository);
  const begun = clock.now();
  for (let asked = false; ; await clock.sleep(pause, run.signal)) {
    run.signal.throwIfAborted();
    const image = access && (await describeImage(access, digest));
    if (access === undefined || image === undefined)
      throw notRestored(reference, 'it is no longer in the registry');
    if (!isArchived(image)) return;
    const waited = clock.now() - begun;
    if (waited >= longest)
      throw notRestored(reference, `the registry calls it ${image.imageStatus} after ${duration(waited)}`);
    if (asked) continue;
    asked = true;
    // Somebody else may have asked before.
    if (image.imageStatus === 'ARCHIVED') await ask(access, reference);
    run.log.line(`The image is archived: it is being restored, which takes up to 20 minutes (${reference})`);
  }
}

async function ask(access: RepositoryAccess, reference: string): Promise<void> {
  const { digest: imageDigest } = splitDigest(reference);
  const target = { imageId: { imageDigest }, targetStorageClass: 'STANDARD' } as const;
  try {
    await access.client.send(new UpdateImageStorageClassCommand({ ...named(access), ...target }));
  } catch (cause) {
    throw notRestored(reference, errorText(cause), cause);
  }
}

function notRestored(reference: string, why: string, cause?: unknown): DeployError {
  return new DeployError({
    reason: 'image-missing',
    message: `the image to go back to is archived and was not restored: ${why}`,
    evidence: [{ label: 'image', text: reference }],
    left: 'Nothing was touched: the version that runs goes on running.',
    next: `restore it (${restoreCommand(reference)}), then run this job again; or name another version with template-version (the command status shows them)`,
    ...(cause !== undefined && { cause }),
  });
}
