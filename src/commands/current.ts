import type { FailureReason, Image } from '../core/index.ts';
import { DeployError, splitDigest, toImage } from '../core/index.ts';
import type { Environment } from '../environment/index.ts';
import { imageOf } from '../environment/index.ts';
import type { ImageFacts } from '../image/index.ts';
import { commitOf, commitTag, hasRegistry } from '../image/index.ts';
import { savedTemplateVersion } from '../rollout/index.ts';
import type { CommandContext } from './context.ts';

/**
 * The environment as it is, put on record.
 * @throws DeployError `group-missing` when nothing was deployed here
 */
export async function requireEnvironment(context: CommandContext): Promise<Environment> {
  const { run, record, stages } = context;
  const environment = await stages.readEnvironment(run);
  if (environment === undefined) throw nothingThere(context);
  record.outputs = environment.outputs;
  return environment;
}

function nothingThere({ run }: CommandContext): DeployError {
  const { application, environment, region } = run.inputs;
  return new DeployError({
    reason: 'group-missing',
    message: `${application} is not deployed to ${environment} in ${region}: its Terraform state is missing or empty`,
    left: 'Nothing was touched.',
    next: 'see that application, environment, region and state-bucket are those of the deployment, or deploy first',
  });
}

/** The state breaks the contract; the group is gone; the rule with the weights of two groups is gone, or forwards elsewhere. */
const mendedByDeploying: readonly FailureReason[] = ['terraform-contract', 'group-missing', 'preflight'];

/**
 * The environment as it is; undefined where there is none, as a first deployment finds it, and `unreadable` where it is
 * not what Terraform made: that is warned of, for the next deployment may mend it.
 */
export async function findEnvironment({
  run,
  stages,
}: CommandContext): Promise<Environment | 'unreadable' | undefined> {
  try {
    return await stages.readEnvironment(run);
  } catch (error) {
    if (!(error instanceof DeployError) || !mendedByDeploying.includes(error.reason)) throw error;
    run.log.warning(error.message);
    return 'unreadable';
  }
}

/** Puts an image that exists on record, with the commit that its tags name; what the registry says of it. */
export async function recordImage(
  { run, record, stages }: CommandContext,
  reference: string,
): Promise<ImageFacts | undefined> {
  const facts = (await stages.readImages(run, [reference])).get(reference);
  const tag = commitTag(facts?.tags ?? []);
  record.commit = commitOf(tag);
  record.image = toImage({ ...splitDigest(reference), tag });
  return facts;
}

/** The image of the version that the group launches. */
export function runningImage(environment: Environment): Image | undefined {
  const version = savedTemplateVersion(environment.group);
  const reference = version === undefined ? '' : imageOf(environment, version);
  return reference === '' ? undefined : toImage({ ...splitDigest(reference), tag: '' });
}

/** A reference of the right form, for a plan that needs one and runs none. */
export function placeholderImage({ run }: CommandContext): string {
  const { accountId, region } = run.aws;
  const { application, repository = application } = run.inputs;
  const host = hasRegistry(repository) ? '' : `${accountId}.dkr.ecr.${region}.amazonaws.com/`;
  return `${host}${repository}@sha256:${'0'.repeat(64)}`;
}
