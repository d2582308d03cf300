import type { BuildResult } from '../image/index.ts';
import type { Image } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { deployed } from './conclusions.ts';
import { phase } from './context.ts';
import type { CommandContext } from './context.ts';
import { runInParallel } from '../run/index.ts';
import { applyInfrastructure, openInfrastructure, rollOutTo } from './steps.ts';
import type { Infrastructure } from './steps.ts';

/** Builds the commit's image, for the platform that the environment runs, and deploys it; see `deployImage`. */
export function deploy(context: CommandContext): Promise<void> {
  const { modules } = context;
  return deployImage(context, async (branch) => {
    const { inputs } = branch;
    const { environmentPlatform, bundledTerraform } = await modules.terraform();
    const directory = inputs.terraformDirectory ?? bundledTerraform();
    const platform = inputs.platform ?? (await environmentPlatform(directory, inputs));
    return (await modules.image()).startBuild({ ...branch, inputs: { ...inputs, platform } });
  });
}

/**
 * One deployment: the image is built beside backend and init; pushed; then the infrastructure is planned and
 * applied with its digest, and the group is rolled out. An image that can't be built or pushed leaves the
 * infrastructure as it was.
 */
export async function deployImage(
  context: CommandContext,
  obtain: (run: Run) => Promise<BuildResult>,
): Promise<void> {
  const { run, record } = context;
  const [infrastructure, built] = await runInParallel(
    run,
    (branch) => openInfrastructure(context, branch),
    (branch) => phase({ ...context, run: branch }, 'image', () => obtain(branch)),
  );
  const image = await publish(context, infrastructure, built);
  const outputs = await applyInfrastructure(context, infrastructure, image);
  await rollOutTo(context, outputs, image);
  record.conclusion = deployed(record, Date.now());
}

function publish(
  context: CommandContext,
  infrastructure: Infrastructure,
  built: BuildResult,
): Promise<Image> {
  const { run, record, modules } = context;
  return phase(context, 'registry', async () => {
    const { ensureRepository, publishImage } = await modules.image();
    const repositoryUrl = await ensureRepository(run, infrastructure.terraform, infrastructure.backend);
    const image = await publishImage(run, built, repositoryUrl);
    record.image = image;
    return image;
  });
}
