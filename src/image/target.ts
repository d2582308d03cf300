import {
  DeployError,
  isAwsError,
  normalName,
  parseEcrRepository,
  registryHost,
  repositoryName,
} from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { Repository, RepositoryAccess } from './ecr.ts';
import { closedRepository, isElsewhere } from './closed.ts';
import { describeRepository, openRepository } from './ecr.ts';

/**
 * The ECR repository of this run's images: the input `repository` (a name of the own registry, or the URI of a
 * repository of whatever account and region), else the one that is named as the application.
 */
export function targetRepository(run: Run): RepositoryAccess {
  const { repository, application } = run.inputs;
  if (repository === undefined) return openRepository(run, application);
  const ecr = parseEcrRepository(repository);
  if (ecr !== undefined) return openRepository(run, ecr.name, ecr);
  return openRepository(run, hasRegistry(repository) ? repositoryName(repository) : repository);
}

/** Whether the name of a repository begins with a registry: its first part has a dot or a port (Docker's rule). Pure. */
export function hasRegistry(repository: string): boolean {
  return repository.includes('/') && /[.:]/.test(registryHost(repository));
}

/**
 * Sees that the repository of the input `repository` is there: it is somebody's, and never made here.
 * @returns undefined when the input was not given
 * @throws DeployError input-invalid when there is none, or it is not in ECR; image-missing when it is another region's that
 *   the role may not look at; image-push when it can't be asked
 */
export async function checkRepository(run: Run): Promise<Repository | undefined> {
  const { repository: given } = run.inputs;
  if (given === undefined) return undefined;
  const access = targetRepository(run);
  const found = await describeRepository(access).catch((error: unknown) => {
    const { cause } = error as { cause?: unknown };
    if (!isAwsError(cause, 'AccessDeniedException')) throw error;
    const ecr = parseEcrRepository(given);
    if (access.registryId === undefined && ecr !== undefined && isElsewhere(run, ecr))
      throw closedRepository(run, { ...ecr, uri: given }, 'it may not look at it', cause);
    // Another account may let us push and not look.
    if (access.registryId === undefined) throw error;
    run.log.line(
      `Registry: ${given} can't be looked at (ecr:DescribeRepositories is denied); it is used as it is given`,
    );
    return { uri: given, tagMutability: 'MUTABLE' };
  });
  const elsewhere = parseEcrRepository(given) === undefined && hasRegistry(given);
  if (found !== undefined && (!elsewhere || normalName(found.uri) === normalName(given))) return found;
  throw elsewhere ? notEcr(run, given) : noRepository(run, access);
}

function notEcr({ inputs }: Run, given: string): DeployError {
  const elsewhere =
    inputs.terraformDirectory === undefined
      ? 'the instances of the bundled Terraform root pull from nowhere else'
      : 'for another registry, build and push the image before this step, and give it as the input image';
  return new DeployError({
    reason: 'input-invalid',
    message: `repository is "${given}", which is not in ECR`,
    left: 'Nothing was touched.',
    next: `give a repository of ECR; ${elsewhere}`,
  });
}

function noRepository({ aws, inputs }: Run, { name, registryId }: RepositoryAccess): DeployError {
  const region = parseEcrRepository(inputs.repository ?? '')?.region ?? aws.region;
  return new DeployError({
    reason: 'input-invalid',
    message: `repository is "${inputs.repository ?? ''}", and account ${registryId ?? aws.accountId} has no repository ${name} in ${region}`,
    left: 'Nothing was touched.',
    next: `make it (aws ecr create-repository --repository-name ${name} --region ${region}), or leave repository out: the one named as the application is made when it is missing`,
  });
}
