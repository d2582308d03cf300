import type { Image, Reference } from '../core/index.ts';
import {
  DeployError,
  isAwsError,
  parseEcrRepository,
  parseReference,
  repositoryName,
  toImage,
} from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { askDocker, docker } from './docker.ts';
import { describeRepository, findDigest, openRepository, recentTags } from './ecr.ts';

/**
 * Finds the image that the input `image` names: a tag or digest of the application's repository, or a full
 * reference. The answer always has a digest that was seen in the registry.
 * @throws DeployError input-invalid when it is no image's name, image-missing with the tags that there are
 */
export async function findImage(run: Run, text: string): Promise<Image> {
  const reference = parseReference(text);
  if (!reference) {
    throw new DeployError({
      reason: 'input-invalid',
      message: `image is "${text}"; give a tag, a digest (sha256: and 64 hex digits) or a full reference such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1`,
      left: 'Nothing was touched.',
    });
  }
  const ecr = parseEcrRepository(reference.repository);
  const access = ecr
    ? openRepository(run, ecr.name, ecr)
    : openRepository(
        run,
        reference.repository === '' ? run.inputs.application : repositoryName(reference.repository),
      );
  const repository = await describeRepository(access).catch((error: unknown) => {
    // Another account's repository may be pulled from without being described.
    const { cause } = error as { cause?: unknown };
    if (ecr && isAwsError(cause, 'AccessDeniedException')) return undefined;
    throw error;
  });
  const uri = repository?.uri ?? (ecr ? reference.repository : undefined);
  const ours = reference.repository === '' || reference.repository === uri;
  if (!ours) return findElsewhere(run, reference, text);
  const digest =
    uri === undefined
      ? undefined
      : await findDigest(
          access,
          reference.digest === undefined ? { tag: reference.tag ?? 'latest' } : { digest: reference.digest },
        );
  if (uri === undefined || digest === undefined) {
    const where = ecr === undefined ? '' : placeOf(run, ecr);
    throw missing(text, `${access.name}${where}`, repository && (await recentTags(access)));
  }
  return toImage({ repository: uri, digest, tag: reference.tag ?? '' });
}

/** " of account 210987654321 in eu-west-1", as far as either is not this run's own. */
function placeOf({ aws }: Run, { registryId, region }: { registryId: string; region: string }): string {
  const account = registryId === aws.accountId ? '' : ` of account ${registryId}`;
  return `${account}${region === aws.region ? '' : ` in ${region}`}`;
}

function missing(text: string, repository: string, tags: readonly string[] | undefined): DeployError {
  const there =
    tags === undefined
      ? `there is no repository ${repository}`
      : tags.length === 0
        ? `repository ${repository} holds no tagged image`
        : `repository ${repository} has, newest first: ${tags.join(', ')}`;
  return new DeployError({
    reason: 'image-missing',
    message: `there is no image ${text}: ${there}`,
    left: 'Nothing was touched.',
    next: 'name one that exists, or leave image out to build this commit',
  });
}

/** An image of a registry that is not ECR: Docker resolves the tag, with whatever logins the job has. */
async function findElsewhere(run: Run, reference: Reference, text: string): Promise<Image> {
  const { repository, digest, tag = '' } = reference;
  if (digest !== undefined) return toImage({ repository, digest, tag });
  const pulled = await docker(run, ['pull', '--quiet', text]);
  const inspected = await askDocker(run, ['image', 'inspect', '--format', '{{json .RepoDigests}}', text]);
  const digests = inspected.exitCode === 0 ? ((JSON.parse(inspected.stdout) as string[] | null) ?? []) : [];
  const found = digests.find((line) => line.startsWith(`${repository}@`))?.split('@')[1];
  if (pulled.exitCode === 0 && found !== undefined) return toImage({ repository, digest: found, tag });
  throw new DeployError({
    reason: 'image-missing',
    message: `there is no image ${text} that this job can pull`,
    evidence: [{ label: 'docker said', text: pulled.stderr.trim() }],
    left: 'Nothing was touched.',
    next: "name it by digest, log in to its registry before this step, or use an image of the application's own repository",
  });
}
