import type { Backend, Image, TerraformOutputs } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import { checkBootstrap, handedOn } from '../environment/index.ts';
import { commitOf, commitTag } from '../image/index.ts';
import type { Bootstrap } from '../environment/index.ts';
import { strategySaid } from '../inputs/index.ts';
import { consoleLinks } from '../report/index.ts';
import { requireInputsOf } from '../rollout/index.ts';
import type { Run } from '../run/index.ts';
import type { FoundBackend } from '../state-backend/index.ts';
import type { Plan, PlanOptions, Root, Terraform } from '../terraform/index.ts';
import { findingText } from '../terraform/index.ts';
import type { CommandContext } from './context.ts';
import { phase } from './phase.ts';
import { refuseToDestroyProtected } from './protections.ts';

/** A Terraform root that is ready to plan, and where its state is. */
export interface Infrastructure {
  terraform: Terraform;
  backend: Backend;
  root: Root;
}

/** Backend and init: finds or makes the state bucket and the lock table, then initialises the root with them. */
export function openInfrastructure(context: CommandContext, run: Run): Promise<Infrastructure> {
  return phase({ ...context, run }, 'backend', async () => {
    const { stages } = context;
    // A root that can't be deployed onto is refused before there is a bucket for its state.
    const terraform = await stages.prepareTerraform(run, rootOf(run, stages));
    const bootstrap = await bootstrapOf(run, stages);
    const backend = await stages.ensureBackend(run);
    return initialise(context, run, { terraform, backend, bootstrap });
  });
}

/**
 * The same for a command that only looks: makes neither bucket nor table, and where there is no bucket, plans as if
 * for the first time.
 */
export function openWithoutMaking(
  context: CommandContext,
): Promise<Infrastructure & Pick<FoundBackend, 'missing'>> {
  const { run, stages } = context;
  return phase(context, 'backend', async () => {
    const terraform = await stages.prepareTerraform(run, rootOf(run, stages));
    const bootstrap = await bootstrapOf(run, stages);
    const { backend, missing } = await stages.findBackend(run);
    const withoutState = missing.bucket !== undefined;
    return { ...(await initialise(context, run, { terraform, backend, bootstrap, withoutState })), missing };
  });
}

async function initialise(
  { stages }: CommandContext,
  run: Run,
  {
    terraform,
    backend,
    bootstrap,
    withoutState = false,
  }: {
    terraform: Terraform;
    backend: Backend;
    bootstrap: Bootstrap | undefined;
    withoutState?: boolean;
  },
): Promise<Infrastructure> {
  const directory = rootOf(run, stages);
  const root = await stages.openRoot(run, terraform, {
    ...{ directory, backend, withoutState },
    stateKey: backend.stateKey,
    emptyBuckets: (names) => stages.emptyBuckets(run, names),
  });
  const bundled = run.inputs.terraformDirectory === undefined;
  const handed = bundled ? handedOn(bootstrap, run.inputs.terraformVariables, process.env) : {};
  return {
    ...{ terraform, backend },
    root: { ...root, plan: (variables, options) => root.plan({ ...handed, ...variables }, options) },
  };
}

/** What terraform/bootstrap made, which is no older than this action needs. */
async function bootstrapOf(run: Run, stages: CommandContext['stages']): Promise<Bootstrap | undefined> {
  const bootstrap = await stages.readBootstrap(run);
  checkBootstrap(run, bootstrap);
  return bootstrap;
}

function rootOf({ inputs }: Run, stages: CommandContext['stages']): string {
  return inputs.terraformDirectory ?? stages.bundledTerraform();
}

/** Plans with the image, shows it, applies exactly that, and reads the outputs that the rollout needs. */
export function applyInfrastructure(
  context: CommandContext,
  { root, backend }: Infrastructure,
  image: Image,
): Promise<TerraformOutputs> {
  const { run, record, stages } = context;
  return phase(context, 'infrastructure', async () => {
    record.applied = await stages.applyPlanned(run, async () => {
      const plan = await planWith(context, root, image.reference);
      if (plan.review.refused.length === 0) await refuseToDestroyProtected(plan);
      return plan;
    });
    const left = record.applied
      ? 'The infrastructure was applied; no instance was replaced.'
      : 'The plan was empty, so nothing was applied; no instance was replaced.';
    const found = await stages.readAppliedOutputs(run, backend, () => root.outputs());
    const outputs = stages.readContract(found, left);
    record.outputs = outputs;
    // The bundled root says so what the environment goes without.
    record.note = typeof outputs.all.warning === 'string' ? outputs.all.warning : '';
    if (record.note !== '') run.log.line(`Note: ${record.note}`);
    return outputs;
  });
}

/**
 * A saved plan for the image, put on record. The phases stream it to the log.
 *
 * @throws DeployError `input-invalid` for inputs of another strategy than the one that the root would be made for
 */
export async function planWith(
  { run, record }: CommandContext,
  root: Root,
  reference: string,
  options: PlanOptions = {},
): Promise<Plan> {
  const { application, environment, region } = run.inputs;
  run.log.publish({ 'the image': reference });
  const plan = await root.plan({ application, environment, region, image: reference }, options);
  record.plan = plan.summary;
  record.refused = plan.review.refused.map(findingText);
  record.groups = plan.review.groups;
  await requirePlannedStrategy(run, plan);
  return plan;
}

/** Inputs that are for the other strategy are refused while nothing is touched. */
async function requirePlannedStrategy({ inputs }: Run, plan: Plan): Promise<void> {
  if (strategySaid(inputs) === undefined && inputs.pauseAt === undefined) return;
  const blueGreen = await plan.blueGreen();
  if (blueGreen === undefined) return;
  requireInputsOf(
    inputs,
    blueGreen ? 'blue-green' : 'rolling',
    'The root was planned and not applied: neither infrastructure nor instances were touched.',
  );
}

/** Moves the group to the template version that Terraform made, or finds that it is there already. */
export function rollOutTo(
  context: CommandContext,
  outputs: TerraformOutputs,
  image: Image | undefined,
): Promise<void> {
  const { run, record, stages } = context;
  return phase(context, 'rollout', async () => {
    if (image !== undefined)
      await stages.checkArchitecture(run, outputs, await stages.platformsOf(run, image));
    for (const { label, address } of consoleLinks(record)) run.log.line(`${label}: ${address}`);
    try {
      record.rollout = await stages.rollOut(run, outputs, image, {
        applied: record.applied,
        onBegin: (keeps, leaves) => context.onRollout(outputs, { keeps, leaves }),
        onTakenBack: () => (record.tookBack = true),
      });
    } catch (error) {
      if (error instanceof DeployError) record.rollout = error.rollout;
      throw error;
    } finally {
      await notePrevious(context, outputs);
    }
  });
}

/** What ran before, for the report: a rollout is none the worse where that can't be read. */
async function notePrevious(
  { run, record, stages, compareCommits }: CommandContext,
  outputs: TerraformOutputs,
): Promise<void> {
  const version = record.rollout?.previousTemplateVersion;
  // A cancelled job has seconds, and better things to do with them.
  if (version === undefined || run.signal.aborted) return;
  try {
    const image = await stages.readVersionImage(run.aws, outputs, version);
    const facts = image === '' ? undefined : (await stages.readImages(run, [image])).get(image);
    const base = commitOf(commitTag(facts?.tags ?? []));
    record.previous = { image, commit: base };
    const head = record.commit;
    if (base !== '' && head !== '' && base !== head)
      record.commits = await compareCommits({ base, head }, run.signal);
  } catch (error) {
    run.log.debug(`what version ${version} runs: ${String(error)}`);
  }
}
