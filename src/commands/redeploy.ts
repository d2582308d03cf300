import { DeployError } from '../core/index.ts';
import type { Conclusion } from '../report/index.ts';
import type { CommandContext } from './context.ts';
import { deployImage } from './deploy.ts';
import { startFittingBuild } from './fitting-image.ts';

/**
 * Deploys an image that exists, without building: the one in the input `image`, else the one that was pushed for
 * the commit that is checked out. This is also how an image is promoted from one environment to the next.
 *
 * @throws DeployError `image-missing` when there is no such image
 */
export async function redeploy(context: CommandContext): Promise<Conclusion> {
  const { inputs } = context.run;
  const image = inputs.image ?? (await context.stages.currentCommit(context.run));
  if (image === '') {
    throw new DeployError({
      reason: 'input-invalid',
      message:
        'image is empty; give the tag or digest to redeploy: there is no commit here whose image could be meant',
      left: 'Nothing was touched.',
    });
  }
  return deployImage(context, (branch) =>
    startFittingBuild(context, { ...branch, inputs: { ...inputs, image } }),
  );
}
