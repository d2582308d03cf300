import type { DescribeImagesFilter, ImageDetail } from '@aws-sdk/client-ecr';
import { DescribeImagesCommand, GetLifecyclePolicyCommand } from '@aws-sdk/client-ecr';
import { isAwsError, parseEcrRepository, repositoryName, splitDigest } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { RepositoryAccess } from './ecr.ts';
import { describeRepository, named, openRepository } from './ecr.ts';
import type { LifecycleRule, Outlook, StoredImage } from './lifecycle.ts';
import { decidingRule, lifecycleRules, outlookOf } from './lifecycle.ts';
import { targetRepository } from './target.ts';

/** What a registry has of an image; an archived one can't be pulled. */
export type ImageState = 'there' | 'archived' | 'missing' | 'unknown';

/** What the registry knows of an image that a template version names. */
export interface ImageFacts {
  /** `archived`: there and not to be pulled. `unknown`: it is no registry of AWS's, or it could not be asked. */
  state: ImageState;
  tags: string[];
}

/** Who asks: a run, or what of it a registry needs. */
type RegistryAccess = Pick<Run, 'aws'>;

/** Asks ECR about images by `repository@digest`; each answer stands alone. */
export async function readImages(run: Run, references: readonly string[]): Promise<Map<string, ImageFacts>> {
  const read = async (reference: string): Promise<ImageFacts> => {
    try {
      return await readImage(run, reference);
    } catch (error) {
      run.log.debug(`${reference}: ${String(error)}`);
      return { state: 'unknown', tags: [] };
    }
  };
  const answers = await Promise.all(
    [...new Set(references)].map(async (reference) => [reference, await read(reference)] as const),
  );
  return new Map(answers);
}

/** @throws the SDK's error when the registry can't be asked */
export async function readImage(asker: RegistryAccess, reference: string): Promise<ImageFacts> {
  const { repository, digest } = splitDigest(reference);
  const access = await accessTo(asker, repository);
  if (access === undefined) return { state: 'unknown', tags: [] };
  const image = await describeImage(access, digest);
  if (image === undefined) return { state: 'missing', tags: [] };
  return { state: isArchived(image) ? 'archived' : 'there', tags: image.imageTags ?? [] };
}

/** Whether it can't be pulled: archived, or on its way back. */
export function isArchived({ imageStatus }: ImageDetail): boolean {
  return imageStatus === 'ARCHIVED' || imageStatus === 'ACTIVATING';
}

/** undefined when there is no such image, or no such repository. */
export async function describeImage(
  access: RepositoryAccess,
  digest: string,
): Promise<ImageDetail | undefined> {
  // Without a filter AWS tells of active images only (ECR API, DescribeImagesFilter).
  return (await lookFor(access, digest)) ?? lookFor(access, digest, { imageStatus: 'ANY' });
}

async function lookFor(
  access: RepositoryAccess,
  imageDigest: string,
  filter?: DescribeImagesFilter,
): Promise<ImageDetail | undefined> {
  try {
    const { imageDetails = [] } = await access.client.send(
      new DescribeImagesCommand({ ...named(access), imageIds: [{ imageDigest }], ...(filter && { filter }) }),
    );
    return imageDetails[0];
  } catch (error) {
    if (isAwsError(error, 'ImageNotFoundException', 'RepositoryNotFoundException')) return undefined;
    // What knows no such status has no such image either.
    if (filter !== undefined && isAwsError(error, 'InvalidParameterException')) return undefined;
    throw error;
  }
}

/** Pages of a thousand images that are read where a rule counts them; what holds more is left unjudged. */
const pages = 5;

/**
 * What the repository's lifecycle policy will do to an image: one call, one more where a rule is about the image, and
 * the list of images where that rule counts them.
 *
 * @returns undefined when nothing will take it, as far as can be told
 * @throws the SDK's error when the registry can't be asked
 */
export async function readOutlook(
  asker: RegistryAccess,
  reference: string,
  now: Date,
): Promise<Outlook | undefined> {
  const { repository, digest } = splitDigest(reference);
  const access = await accessTo(asker, repository);
  if (access === undefined) return undefined;
  const rules = await readRules(access);
  if (rules.length === 0) return undefined;
  const found = await describeImage(access, digest);
  if (found === undefined) return undefined;
  const image = storedImage(found);
  const counts = decidingRule(rules, image)?.countType === 'imageCountMoreThan';
  const images = counts ? await listImages(access) : [];
  return images === undefined ? undefined : outlookOf(rules, image, images, now);
}

async function readRules(access: RepositoryAccess): Promise<LifecycleRule[]> {
  try {
    const answer = await access.client.send(new GetLifecyclePolicyCommand(named(access)));
    return lifecycleRules(answer.lifecyclePolicyText ?? '');
  } catch (error) {
    if (isAwsError(error, 'LifecyclePolicyNotFoundException', 'RepositoryNotFoundException')) return [];
    throw error;
  }
}

/** undefined when there are more than are read. */
async function listImages(access: RepositoryAccess): Promise<StoredImage[] | undefined> {
  const images: StoredImage[] = [];
  let nextToken: string | undefined;
  for (let page = 1; page <= pages; page += 1) {
    const answer = await access.client.send(
      new DescribeImagesCommand({
        ...named(access),
        maxResults: 1000,
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    images.push(...(answer.imageDetails ?? []).map(storedImage));
    nextToken = answer.nextToken;
    if (nextToken === undefined) return images;
  }
  return undefined;
}

function storedImage({
  imageDigest,
  imageTags,
  imagePushedAt,
  lastRecordedPullTime,
}: ImageDetail): StoredImage {
  return {
    digest: imageDigest ?? '',
    tags: imageTags ?? [],
    pushedAt: imagePushedAt,
    pulledAt: lastRecordedPullTime,
  };
}

/** The URI of the repository, when there is one to see. */
export async function repositoryOf(run: Run): Promise<string | undefined> {
  try {
    return (await describeRepository(targetRepository(run)))?.uri;
  } catch (error) {
    run.log.debug(`the repository: ${String(error)}`);
    return undefined;
  }
}

/** undefined for a repository that is not in ECR. */
export async function accessTo(
  asker: RegistryAccess,
  repository: string,
): Promise<RepositoryAccess | undefined> {
  const ecr = parseEcrRepository(repository);
  if (ecr !== undefined) return openRepository(asker, ecr.name, ecr);
  const access = openRepository(asker, repositoryName(repository));
  return (await describeRepository(access))?.uri === repository ? access : undefined;
}

/** The tag that names an image's commit, alone or with more, else its first tag that says something. */
export function commitTag(tags: readonly string[]): string {
  const named = tags.filter((tag) => commitOf(tag) !== '');
  return named.find((tag) => commitOf(tag) === tag) ?? named[0] ?? tags.find((tag) => tag !== 'latest') ?? '';
}

/** The commit that a tag names, '' for a tag of another kind. */
export function commitOf(tag: string): string {
  return /^([0-9a-f]{40})(?:$|-[0-9a-f]{8}$)/.exec(tag)?.[1] ?? '';
}
