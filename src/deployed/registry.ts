import { DescribeImagesCommand } from '@aws-sdk/client-ecr';
import { describeRepository, openRepository } from '../image/ecr.ts';
import type { RepositoryAccess } from '../image/ecr.ts';
import { parseEcrRepository, repositoryName } from '../image/reference.ts';
import type { Run } from '../run.ts';

/** What the registry knows of an image that a template version names. */
export interface ImageFacts {
  /** `unknown`: it is no registry of AWS's, or it could not be asked. */
  state: 'there' | 'missing' | 'unknown';
  tags: string[];
}

/** Asks ECR about images by `repository@digest`; each answer stands alone. */
export async function readImages(run: Run, references: readonly string[]): Promise<Map<string, ImageFacts>> {
  const answers = await Promise.all(
    [...new Set(references)].map(async (reference) => [reference, await readImage(run, reference)] as const),
  );
  return new Map(answers);
}

async function readImage(run: Run, reference: string): Promise<ImageFacts> {
  const [repository = '', digest = ''] = reference.split('@');
  try {
    const access = await accessTo(run, repository);
    if (access === undefined) return { state: 'unknown', tags: [] };
    const { client, name, registryId } = access;
    const { imageDetails = [] } = await client.send(
      new DescribeImagesCommand({
        repositoryName: name,
        imageIds: [{ imageDigest: digest }],
        ...(registryId !== undefined && { registryId }),
      }),
    );
    return { state: 'there', tags: imageDetails[0]?.imageTags ?? [] };
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'ImageNotFoundException' || name === 'RepositoryNotFoundException')
      return { state: 'missing', tags: [] };
    run.log.debug(`${reference}: ${String(error)}`);
    return { state: 'unknown', tags: [] };
  }
}

/** The URI of the application's repository, when there is one to see. */
export async function repositoryOf(run: Run): Promise<string | undefined> {
  try {
    return (await describeRepository(openRepository(run, run.inputs.application)))?.uri;
  } catch (error) {
    run.log.debug(`repository ${run.inputs.application}: ${String(error)}`);
    return undefined;
  }
}

/** undefined for a repository that is not in ECR. */
async function accessTo(run: Run, repository: string): Promise<RepositoryAccess | undefined> {
  const ecr = parseEcrRepository(repository);
  if (ecr !== undefined) return openRepository(run, ecr.name, ecr);
  const access = openRepository(run, repositoryName(repository));
  return (await describeRepository(access))?.uri === repository ? access : undefined;
}

/** The commit among an image's tags, else its first tag that says something. */
export function commitTag(tags: readonly string[]): string {
  const commit = tags.find((tag) => /^[0-9a-f]{40}$/.test(tag));
  return commit ?? tags.find((tag) => tag !== 'latest') ?? '';
}
