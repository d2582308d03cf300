import { DeployError } from '../core/index.ts';
import type { Backend, Image, TerraformOutputs } from '../core/index.ts';
import { consoleLinks } from '../report/index.ts';
import type { Run } from '../run/index.ts';
import type { Plan, PlanOptions, Root, Terraform } from '../terraform/index.ts';
import { phase } from './context.ts';
import type { CommandContext } from './context.ts';

/** A Terraform root that is ready to plan, and where its state is. */
export interface Infrastructure {
  terraform: Terraform;
  backend: Backend;
  root: Root;
}

/** Backend and init: finds or makes the state bucket and the lock table, then initialises the root with them. */
export function openInfrastructure(context: CommandContext, run: Run): Promise<Infrastructure> {
  return phase({ ...context, run }, 'backend', async () => {
    const { ensureBackend } = await context.modules.backend();
    const { prepareTerraform, openRoot, bundledTerraform } = await context.modules.terraform();
    const backend = await ensureBackend(run);
    const terraform = await prepareTerraform(run);
    const directory = run.inputs.terraformDirectory ?? bundledTerraform();
    const root = await openRoot(run, terraform, { directory, backend, stateKey: backend.stateKey });
    return { terraform, backend, root };
  });
}

/**
 * The same for a command that only looks: makes neither bucket nor table, and where there is no bucket, plans as if
 * for the first time.
 */
export function openWithoutMaking(context: CommandContext): Promise<Infrastructure & { missing: string[] }> {
  const { run, modules } = context;
  return phase(context, 'backend', async () => {
    const { findBackend } = await modules.backend();
    const { prepareTerraform, openRoot, bundledTerraform } = await modules.terraform();
    const { backend, missing } = await findBackend(run);
    const terraform = await prepareTerraform(run);
    const directory = run.inputs.terraformDirectory ?? bundledTerraform();
    const withoutState = missing.some((what) => what.startsWith('state bucket'));
    const root = await openRoot(run, terraform, {
      ...{ directory, backend, withoutState },
      stateKey: backend.stateKey,
    });
    return { terraform, backend, root, missing };
  });
}

/** Plans with the image, shows it, applies exactly that, and reads the outputs that the rollout needs. */
export function applyInfrastructure(
  context: CommandContext,
  { root }: Infrastructure,
  image: Image,
): Promise<TerraformOutputs> {
  const { run, record, modules } = context;
  return phase(context, 'infrastructure', async () => {
    const { applyPlanned, readContract } = await modules.terraform();
    if (await applyPlanned(run, () => planWith(context, root, image.reference))) record.applied = true;
    const outputs = readContract(await root.outputs());
    record.outputs = outputs;
    return outputs;
  });
}

/** A saved plan for the image, put on record. The phases stream it to the log. */
export async function planWith(
  { run, record }: CommandContext,
  root: Root,
  reference: string,
  options: PlanOptions = {},
): Promise<Plan> {
  const { application, environment, region } = run.inputs;
  const plan = await root.plan({ application, environment, region, image: reference }, options);
  record.plan = plan.summary;
  return plan;
}

/** Moves the group to the template version that Terraform made, or finds that it is there already. */
export function rollOutTo(
  context: CommandContext,
  outputs: TerraformOutputs,
  image: Image | undefined,
): Promise<void> {
  const { run, record, modules } = context;
  return phase(context, 'rollout', async () => {
    const { rollOut, checkArchitecture } = await modules.rollout();
    if (image !== undefined) {
      const { platformsOf } = await modules.image();
      await checkArchitecture(run, outputs, await platformsOf(run, image));
    }
    context.onRollout(outputs);
    for (const { label, address } of consoleLinks(record)) run.log.line(`${label}: ${address}`);
    try {
      record.rollout = await rollOut(run, outputs, image, { applied: record.applied });
    } catch (error) {
      if (error instanceof DeployError) record.rollout = error.rollout;
      throw error;
    }
  });
}
