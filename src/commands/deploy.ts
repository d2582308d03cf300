import type { Image } from '../core/index.ts';
import { commitOf, commitTag } from '../image/index.ts';
import type { BuildResult } from '../image/index.ts';
import type { Conclusion } from '../report/index.ts';
import type { Run } from '../run/index.ts';
import { runInParallel } from '../run/index.ts';
import { deployed } from './conclusions.ts';
import type { CommandContext } from './context.ts';
import { startFittingBuild } from './fitting-image.ts';
import { phase } from './phase.ts';
import type { Infrastructure } from './steps.ts';
import { applyInfrastructure, openInfrastructure, rollOutTo } from './steps.ts';

/** Builds the commit's image, for the platform that the environment runs, and deploys it; see `deployImage`. */
export function deploy(context: CommandContext): Promise<Conclusion> {
  return deployImage(context, (branch) => startFittingBuild(context, branch));
}

/**
 * One deployment: the image is built beside backend and init; pushed; then the infrastructure is planned and
 * applied with its digest, and the group is rolled out. An image that can't be built or pushed leaves the
 * infrastructure as it was.
 */
export async function deployImage(
  context: CommandContext,
  obtain: (run: Run) => Promise<BuildResult>,
): Promise<Conclusion> {
  const { run, record } = context;
  const [infrastructure, built] = await runInParallel(
    run,
    (branch) => openInfrastructure(context, branch),
    (branch) => phase({ ...context, run: branch }, 'image', () => obtain(branch)),
  );
  const image = await publish(context, infrastructure, built);
  context.onDeploying(record.commit);
  const outputs = await applyInfrastructure(context, infrastructure, image);
  await rollOutTo(context, outputs, image);
  return deployed(record, Date.now());
}

/** An image that is promoted is named by its digest: the registry knows its tags. */
async function commitOfExisting({ run, stages }: CommandContext, { tag, reference }: Image): Promise<string> {
  const named = commitOf(tag);
  if (named !== '') return named;
  const facts = (await stages.readImages(run, [reference])).get(reference);
  return commitOf(commitTag(facts?.tags ?? []));
}

function publish(
  context: CommandContext,
  infrastructure: Infrastructure,
  built: BuildResult,
): Promise<Image> {
  const { run, record, stages } = context;
  return phase(context, 'registry', async () => {
    const repositoryUrl = await stages.ensureRepository(
      run,
      infrastructure.terraform,
      infrastructure.backend,
    );
    const image = await stages.publishImage(run, built, repositoryUrl);
    record.image = image;
    // What an image that exists was made from, its tags may say; the job's own commit says nothing of it.
    record.commit = built.kind === 'existing' ? await commitOfExisting(context, image) : built.commit;
    return image;
  });
}
