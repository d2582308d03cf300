import type { Image, Reference } from '../core/index.ts';
import {
  DeployError,
  isAwsError,
  normalName,
  parseEcrRepository,
  parseReference,
  registryHost,
  repositoryName,
  splitDigest,
  toImage,
} from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { closedRepository, isElsewhere, placeOf } from './closed.ts';
import { askDocker, docker, withLogin } from './docker.ts';
import type { RepositoryAccess } from './ecr.ts';
import {
  describeRepository,
  lookUpDigest,
  newestTags,
  openRepository,
  registryLogin,
  taggedImages,
} from './ecr.ts';
import { commitOf } from './registered.ts';
import { targetRepository } from './target.ts';

/**
 * Finds the image that the input `image` names: a tag or digest of the repository, or a full reference. The answer has a
 * digest that was seen in the registry, unless the reference of another registry gave it.
 * @throws DeployError input-invalid when it is no image's name, image-missing with the tags that there are
 */
export function findImage(run: Run, text: string): Promise<Image> {
  return find(run, text, { ecrOnly: false });
}

/**
 * The same for an image that instances are to run: those of the bundled root log in to ECR, and pull from nowhere else.
 * @throws DeployError input-invalid when it is in another registry, and what findImage throws
 */
export function findImageToRun(run: Run, text: string): Promise<Image> {
  return find(run, text, { ecrOnly: run.inputs.terraformDirectory === undefined });
}

async function find(run: Run, text: string, { ecrOnly }: { ecrOnly: boolean }): Promise<Image> {
  const reference = parseReference(text);
  if (!reference) {
    throw new DeployError({
      reason: 'input-invalid',
      message: `image is "${text}"; give a tag, a digest (sha256: and 64 hex digits) or a full reference such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1`,
      left: 'Nothing was touched.',
    });
  }
  const ecr = parseEcrRepository(reference.repository);
  const elsewhere = ecr !== undefined && isElsewhere(run, ecr) ? ecr : undefined;
  const access = accessTo(run, reference);
  const repository = await describeRepository(access).catch((error: unknown) => {
    // Another account's repository may be pulled from without being described, and another registry is not ECR's.
    if (reference.repository !== '' && isDenied(error)) return undefined;
    throw error;
  });
  // ECR knows a repository by one of its registry's names; the job may reach it by another.
  const uri = ecr === undefined ? repository?.uri : reference.repository;
  const ours = reference.repository === '' || reference.repository === (uri && normalName(uri));
  if (!ours) {
    if (ecrOnly && ecr === undefined) throw notInEcr(text, reference);
    return findElsewhere(run, reference, {});
  }
  let denied: unknown;
  const found =
    uri === undefined
      ? undefined
      : await findIn(run, access, reference).catch((error: unknown) => {
          if (elsewhere === undefined || !isDenied(error)) throw error;
          denied = error;
        });
  if (uri !== undefined && found !== undefined) return toImage({ repository: uri, ...found });
  if (ecr !== undefined) {
    const pulled = await pullThrough(run, access, reference);
    if (pulled !== undefined) return pulled;
  }
  if (elsewhere !== undefined && denied !== undefined) {
    const { digest = `the tag ${reference.tag}` } = reference;
    const what = `it may neither look for ${digest} there nor pull it`;
    throw closedRepository(run, { ...elsewhere, uri: reference.repository }, what, causeOf(denied));
  }
  const where = ecr === undefined ? '' : placeOf(run, ecr);
  const images = repository && (await taggedImages(access));
  throw missing(text, `${access.name}${where}`, images && newestTags(images, tagsShown));
}

const tagsShown = 5;

function notInEcr(text: string, { repository }: Reference): DeployError {
  return new DeployError({
    reason: 'input-invalid',
    message: `image is "${text}", which is in the registry ${registryHost(repository)}; the instances of the bundled Terraform root pull from ECR alone`,
    left: 'Nothing was touched.',
    next: 'give a tag or digest of the application’s own repository, or an image in ECR (a pull-through cache will do); another registry is for a root of your own (terraform-directory)',
  });
}

const causeOf = (error: unknown): unknown => (error as { cause?: unknown }).cause;

const isDenied = (error: unknown): boolean => isAwsError(causeOf(error), 'AccessDeniedException');

function accessTo(run: Run, { repository }: Reference): RepositoryAccess {
  if (repository === '') return targetRepository(run);
  const ecr = parseEcrRepository(repository);
  return openRepository(run, ecr?.name ?? repositoryName(repository), ecr);
}

/**
 * Looks a reference up in ECR. A commit without an image of just that tag has the one whose tag says more than the
 * commit, when there is only one.
 * @throws DeployError image-missing when there are several
 */
async function findIn(
  run: Run,
  access: RepositoryAccess,
  { tag = 'latest', digest: given }: Reference,
): Promise<{ digest: string; tag: string } | undefined> {
  if (given !== undefined) {
    const digest = await lookUpDigest(access, { digest: given });
    return digest === undefined ? undefined : { digest, tag: tag === 'latest' ? '' : tag };
  }
  const digest = await lookUpDigest(access, { tag });
  if (digest !== undefined) return { digest, tag };
  if (commitOf(tag) !== tag) return undefined;
  const images = await taggedImages(access).catch(() => []);
  const others = images.filter(({ imageTags = [] }) => imageTags.some((each) => commitOf(each) === tag));
  const names = newestTags(others, others.length).filter((each) => commitOf(each) === tag);
  const [only] = others;
  if (others.length > 1) throw severalOf(tag, names);
  if (only?.imageDigest === undefined || names[0] === undefined) return undefined;
  run.log.line(`Image: the only one of commit ${tag} is ${names[0]}`);
  return { digest: only.imageDigest, tag: names[0] };
}

function severalOf(commit: string, tags: readonly string[]): DeployError {
  return new DeployError({
    reason: 'image-missing',
    message: `there is no image ${commit}, and several were built from that commit: ${tags.join(', ')}`,
    left: 'Nothing was touched.',
    next: 'they differ in build-args, target, Dockerfile, context, platform or uncommitted files: name the one that is meant with the input image',
  });
}

/**
 * What ECR does not have may be behind a pull-through cache, which makes the repository when somebody pulls.
 * @returns undefined when it can't be pulled
 */
async function pullThrough(
  run: Run,
  access: RepositoryAccess,
  reference: Reference,
): Promise<Image | undefined> {
  const host = registryHost(reference.repository);
  try {
    const login = await registryLogin(run, access);
    return await withLogin(run, host, login, (environment) => findElsewhere(run, reference, environment));
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.debug(`${reference.repository} can't be pulled either: ${String(error)}`);
    return undefined;
  }
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

/** An image that Docker resolves, with whatever logins the job has; names are compared in their normal form. */
async function findElsewhere(
  run: Run,
  { repository, digest, tag = '' }: Reference,
  environment: Record<string, string>,
): Promise<Image> {
  const isEcr = parseEcrRepository(repository) !== undefined;
  if (digest !== undefined && !isEcr) return toImage({ repository, digest, tag });
  const name = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
  const { platform } = run.inputs;
  const options = platform === undefined ? [] : ['--platform', platform];
  const pulled = await docker(run, ['pull', '--quiet', ...options, name], { env: environment });
  const format = '{{json .RepoDigests}}';
  const inspected = await askDocker(run, ['image', 'inspect', '--format', format, name], environment);
  const digests = inspected.exitCode === 0 ? ((JSON.parse(inspected.stdout) as string[] | null) ?? []) : [];
  const found = digests.map(splitDigest).find((each) => normalName(each.repository) === repository)?.digest;
  if (pulled.exitCode === 0 && found !== undefined)
    return toImage({ repository, digest: digest ?? found, tag });
  throw new DeployError({
    reason: 'image-missing',
    message: `there is no image ${name} that this job can pull`,
    evidence: [{ label: 'docker said', text: pulled.stderr.trim() }],
    left: 'Nothing was touched.',
    next: "name it by digest, log in to its registry before this step, or use an image of the application's own repository",
  });
}
