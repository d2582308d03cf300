import type { ImageDetail } from '@aws-sdk/client-ecr';
import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  PutImageTagMutabilityCommand,
} from '@aws-sdk/client-ecr';
import { awsErrorKind, DeployError, errorText, isAwsError } from '../core/index.ts';
import type { Run } from '../run/index.ts';

export interface Repository {
  uri: string;
  /** "MUTABLE", "IMMUTABLE" and so on. */
  tagMutability: string;
}

/** A repository of one registry, and the client that reaches it. */
export interface RepositoryAccess {
  client: ECRClient;
  name: string;
  /** Another account's registry; undefined for our own. */
  registryId: string | undefined;
}

export function openRepository(
  { aws }: Pick<Run, 'aws'>,
  name: string,
  other?: { registryId: string; region: string },
): RepositoryAccess {
  const region = other?.region ?? aws.region;
  return {
    client: new ECRClient({ ...aws.clientConfiguration, region }),
    name,
    registryId: other?.registryId === aws.accountId ? undefined : other?.registryId,
  };
}

/** What every call of ECR needs to find the repository. */
export const named = ({ name, registryId }: RepositoryAccess) => ({
  repositoryName: name,
  ...(registryId !== undefined && { registryId }),
});

/**
 * Makes an ECR call. Errors named in `expected` are the caller's to understand; any other is explained.
 * @throws DeployError image-push, naming the call and what AWS said
 */
async function call<T>(name: string, expected: readonly string[], send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (cause) {
    if (!(cause instanceof Error) || isAwsError(cause, ...expected)) throw cause;
    const denied = ['denied', 'expired', 'unknown-credentials'].includes(awsErrorKind(cause));
    throw new DeployError({
      reason: 'image-push',
      message: `the registry does not answer: ecr:${name} failed: ${errorText(cause)}`,
      left: 'Nothing was deployed; the running version is untouched.',
      next: denied
        ? `allow the role ecr:${name} on the repository, then run this job again`
        : 'run this job again; if it stays, look at the error that AWS gave',
      cause,
    });
  }
}

/** The repository, or undefined when there is none of that name. */
export async function describeRepository(access: RepositoryAccess): Promise<Repository | undefined> {
  const { name, registryId } = access;
  try {
    const { repositories = [] } = await call('DescribeRepositories', ['RepositoryNotFoundException'], () =>
      access.client.send(
        new DescribeRepositoriesCommand({
          repositoryNames: [name],
          ...(registryId !== undefined && { registryId }),
        }),
      ),
    );
    const [repository] = repositories;
    if (repository?.repositoryUri === undefined) return undefined;
    return { uri: repository.repositoryUri, tagMutability: repository.imageTagMutability ?? 'MUTABLE' };
  } catch (error) {
    if (isAwsError(error, 'RepositoryNotFoundException')) return undefined;
    throw error;
  }
}

/**
 * Makes every tag immutable but `latest`: a commit's tag names one image for ever. It is set here because Terraform's
 * AWS provider 5 has no argument for it (terraform/bootstrap/registry.tf).
 */
export async function protectTags(access: RepositoryAccess): Promise<void> {
  await call('PutImageTagMutability', [], () =>
    access.client.send(
      new PutImageTagMutabilityCommand({
        ...named(access),
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest' }],
      }),
    ),
  );
}

/** What names an image in a repository. */
type ImageName = { tag: string } | { digest: string };

/**
 * The digest of an image, by tag or digest, or undefined when neither image nor repository exists.
 * @throws DeployError image-push when ECR can't be asked
 */
export async function lookUpDigest(access: RepositoryAccess, image: ImageName): Promise<string | undefined> {
  const imageId = 'tag' in image ? { imageTag: image.tag } : { imageDigest: image.digest };
  try {
    const { imageDetails = [] } = await call(
      'DescribeImages',
      ['ImageNotFoundException', 'RepositoryNotFoundException'],
      () => access.client.send(new DescribeImagesCommand({ ...named(access), imageIds: [imageId] })),
    );
    return imageDetails[0]?.imageDigest;
  } catch (error) {
    if (isAwsError(error, 'ImageNotFoundException', 'RepositoryNotFoundException')) return undefined;
    throw error;
  }
}

/** The same; also undefined when the image is another account's and that does not tell. */
export async function findDigest(access: RepositoryAccess, image: ImageName): Promise<string | undefined> {
  try {
    return await lookUpDigest(access, image);
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    if (access.registryId !== undefined && isAwsError(cause, 'AccessDeniedException')) return undefined;
    throw error;
  }
}

/** Pages of DescribeImages that are read for the list of recent tags: up to 3,000 images. */
const pages = 3;

/** The tagged images, as far as the pages reach. */
export async function taggedImages(access: RepositoryAccess): Promise<ImageDetail[]> {
  const images: ImageDetail[] = [];
  let nextToken: string | undefined;
  for (let page = 1; page <= pages; page += 1) {
    const answer = await call('DescribeImages', [], () =>
      access.client.send(
        new DescribeImagesCommand({
          ...named(access),
          filter: { tagStatus: 'TAGGED' },
          maxResults: 1000,
          ...(nextToken !== undefined && { nextToken }),
        }),
      ),
    );
    images.push(...(answer.imageDetails ?? []));
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  return images;
}

/** The tags that were pushed last, newest first; at most `count`. Pure. */
export function newestTags(
  images: readonly { imageTags?: string[]; imagePushedAt?: Date }[],
  count: number,
): string[] {
  return images
    .toSorted((a, b) => (b.imagePushedAt?.getTime() ?? 0) - (a.imagePushedAt?.getTime() ?? 0))
    .flatMap(({ imageTags = [] }) => imageTags)
    .filter((tag) => tag !== 'latest')
    .slice(0, count);
}

/** User and password for `docker login`; the password is masked from here on. */
export async function registryLogin(
  { log }: Run,
  { client }: RepositoryAccess,
): Promise<{ username: string; password: string }> {
  const { authorizationData = [] } = await call('GetAuthorizationToken', [], () =>
    client.send(new GetAuthorizationTokenCommand({})),
  );
  const token = authorizationData[0]?.authorizationToken ?? '';
  log.secret(token);
  const decoded = Buffer.from(token, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const password = decoded.slice(colon + 1);
  if (colon === -1 || password === '') throw new Error('ECR gave no authorization token');
  log.secret(password);
  return { username: decoded.slice(0, colon), password };
}
