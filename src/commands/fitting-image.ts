import type { BuildResult } from '../image/index.ts';
import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import type { Stages } from './stages.ts';

type Needed = 'bundledTerraform' | 'environmentPlatform' | 'startBuild' | 'platformsOf';

/**
 * Starts the build of an image for the platform that the environment's instances run; `redeploy` gives the image instead.
 * The bundled root says what they are before anything is made, and refuses another. A root of one's own may choose by other
 * means: there the preflight asks AWS what they are.
 *
 * @throws DeployError input-invalid where the bundled root's instances could not run it
 */
export async function startFittingBuild(
  { stages }: { stages: Pick<Stages, Needed> },
  run: Run,
): Promise<BuildResult> {
  const { inputs } = run;
  const bundled = inputs.terraformDirectory === undefined;
  const needed = await stages.environmentPlatform(
    inputs.terraformDirectory ?? stages.bundledTerraform(),
    inputs,
  );
  const { platform = needed } = inputs;
  if (bundled && needed !== undefined && platform !== needed)
    throw unfit(run, needed, `platform is ${platform}`);
  const built = await stages.startBuild({ ...run, inputs: { ...inputs, platform } });
  if (!bundled || needed === undefined || built.kind !== 'existing') return built;
  const platforms = await stages.platformsOf(run, built.image);
  if (platforms.length === 0 || platforms.includes(needed)) return built;
  throw unfit(run, needed, `the image ${built.image.reference} is for ${platforms.join(', ')}`);
}

function unfit({ inputs }: Run, needed: string, what: string): DeployError {
  const instances = `the instances of ${inputs.application}-${inputs.environment}`;
  return new DeployError({
    reason: 'input-invalid',
    message: `${what}, and ${instances} need ${needed}, as service.architecture says`,
    left: 'Nothing was touched.',
    next: `give an image for ${needed} (platform may be left out, and is that then), or choose instances of the image's architecture with the Terraform variable service: architecture and instance_type`,
  });
}
