import { DeployError, splitDigest, toImage } from '../core/index.ts';
import { savedTemplateVersion } from '../rollout/index.ts';
import type { Environment } from '../environment/index.ts';
import { imageOf } from '../environment/index.ts';
import type { Image } from '../core/index.ts';
import type { CommandContext } from './context.ts';

/** The environment as it is, or undefined where there is none to read: what a first deployment finds. */
export async function lookIfThere({ run, modules }: CommandContext): Promise<Environment | undefined> {
  const { readEnvironment } = await modules.deployed();
  try {
    return await readEnvironment(run);
  } catch (error) {
    if (!(error instanceof DeployError) || !['group-missing', 'terraform-contract'].includes(error.reason))
      throw error;
    run.log.warning(error.message);
    return undefined;
  }
}

/** The image of the version that the group launches. */
export function runningImage(environment: Environment): Image | undefined {
  const version = savedTemplateVersion(environment.group);
  const reference = version === undefined ? '' : imageOf(environment, version);
  return reference === '' ? undefined : toImage({ ...splitDigest(reference), tag: '' });
}

/** A reference of the right form, for a plan that needs one and runs none. */
export function standIn({ run }: CommandContext): string {
  const { accountId, region } = run.aws;
  return `${accountId}.dkr.ecr.${region}.amazonaws.com/${run.inputs.application}@sha256:${'0'.repeat(64)}`;
}
