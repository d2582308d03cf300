import { DeployError } from '../failure.ts';
import type { Environment } from '../deployed/index.ts';
import { seconds } from '../report/text.ts';
import { isActive } from '../rollout/statuses.ts';
import type { Plan, PlannedResource } from '../terraform/index.ts';
import { phase } from './context.ts';
import type { CommandContext } from './context.ts';
import { lookIfThere, runningImage, standIn } from './running.ts';
import { openWithoutMaking, planWith } from './steps.ts';
import type { Infrastructure } from './steps.ts';

/**
 * Takes an environment down: plans the destruction, shows it, and applies that very plan. What AWS protects from
 * deletion, or a rollout under way, is looked for first, so that an environment is not left half destroyed. The
 * confirmation was checked with the inputs.
 *
 * @throws DeployError `preflight` for protected resources, `refresh-active`, and what plan and apply throw
 */
export async function destroy(context: CommandContext): Promise<void> {
  const { run, record } = context;
  const infrastructure = await openWithoutMaking(context);
  if (infrastructure.missing.some((what) => what.startsWith('state bucket'))) {
    record.conclusion = nothingThere(context);
    return;
  }
  const environment = await phase(context, 'look', () => lookIfThere(context));
  if (environment !== undefined) refuseWhileRollingOut(environment);
  const plan = await phase(context, 'plan', () => planDestruction(context, infrastructure, environment));
  if (!plan.changed) {
    record.conclusion = nothingThere(context);
    return;
  }
  const resources = await plan.resources();
  refuseProtected(resources);
  await phase(context, 'destruction', async () => {
    await plan.apply();
    record.applied = true;
    await seeThatAllIsGone(infrastructure);
  });
  record.details = await whatIsLeft(context, infrastructure, resources);
  run.log.line('What is left, on purpose:');
  for (const line of record.details) run.log.line(`  ${line}`);
  const { application, environment: name } = run.inputs;
  record.conclusion = `Destroyed ${name} of ${application}: ${resources.length === 1 ? 'its only resource is' : `all ${resources.length} resources are`} gone. ${took(context)}.`;
}

function took({ record }: CommandContext): string {
  return seconds((Date.now() - record.started) / 1000);
}

function nothingThere(context: CommandContext): string {
  const { application, environment, region } = context.run.inputs;
  return `Nothing to destroy: Terraform's state has nothing of ${application} in ${environment} (${region}). ${took(context)}.`;
}

function planDestruction(
  context: CommandContext,
  { root }: Infrastructure,
  environment: Environment | undefined,
): Promise<Plan> {
  const image = environment === undefined ? undefined : runningImage(environment);
  return planWith(context, root, image?.reference ?? standIn(context), { destroy: true });
}

function refuseWhileRollingOut({ refreshes, group }: Environment): void {
  const active = refreshes.find(isActive);
  if (active === undefined) return;
  throw new DeployError({
    reason: 'refresh-active',
    message: `instance refresh ${active.id} of ${group.name} is under way: somebody deploys to what is to be destroyed`,
    left: 'Nothing was touched.',
    next: 'wait for it to end or cancel it, then run this job again',
  });
}

interface Protection {
  attribute: string;
  /** How a person takes it away, for the attributes that the resource has. */
  remedy: (attributes: Record<string, unknown>) => string;
}

/** The attributes of the AWS provider with which AWS refuses a deletion. */
const protections: Record<string, Protection> = {
  aws_lb: {
    attribute: 'enable_deletion_protection',
    remedy: ({ arn }) =>
      `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ${String(arn)} --attributes Key=deletion_protection.enabled,Value=false`,
  },
  aws_db_instance: {
    attribute: 'deletion_protection',
    remedy: ({ identifier }) =>
      `aws rds modify-db-instance --db-instance-identifier ${String(identifier)} --no-deletion-protection --apply-immediately`,
  },
  aws_rds_cluster: {
    attribute: 'deletion_protection',
    remedy: ({ cluster_identifier: identifier }) =>
      `aws rds modify-db-cluster --db-cluster-identifier ${String(identifier)} --no-deletion-protection --apply-immediately`,
  },
  aws_dynamodb_table: {
    attribute: 'deletion_protection_enabled',
    remedy: ({ name }) =>
      `aws dynamodb update-table --table-name ${String(name)} --no-deletion-protection-enabled`,
  },
};

/** What AWS would refuse to delete, with the command that allows it. Pure. */
export function protectedResources(
  resources: readonly PlannedResource[],
): { address: string; remedy: string }[] {
  return resources.flatMap(({ address, type, before }) => {
    const protection = Object.hasOwn(protections, type) ? protections[type] : undefined;
    if (protection === undefined || before[protection.attribute] !== true) return [];
    return [{ address, remedy: protection.remedy(before) }];
  });
}

function refuseProtected(resources: readonly PlannedResource[]): void {
  const held = protectedResources(resources);
  if (held.length === 0) return;
  throw new DeployError({
    reason: 'preflight',
    message: `deletion protection is on for ${held.map(({ address }) => address).join(', ')}: destroying the rest would leave a ruin`,
    evidence: held.map(({ address, remedy }) => ({ label: address, text: remedy })),
    left: 'Nothing was touched.',
    next: 'take the protection away with the command beside each, knowingly, then run this job again',
  });
}

async function seeThatAllIsGone({ root }: Infrastructure): Promise<void> {
  const remaining = await root.managed();
  if (remaining.length === 0) return;
  throw new DeployError({
    reason: 'terraform-apply',
    message: `Terraform ended well and its state still holds ${remaining.length} resources`,
    evidence: [{ label: 'in the state', text: remaining.slice(0, 10).join('\n') }],
    left: 'Everything else is gone.',
    next: 'run this job again',
  });
}

/** What outlives an environment: what other environments share, and what was asked to be kept. */
async function whatIsLeft(
  { run, modules }: CommandContext,
  { backend }: Infrastructure,
  resources: readonly PlannedResource[],
): Promise<string[]> {
  const { repositoryOf } = await modules.deployed();
  const repository = await repositoryOf(run);
  return [
    `state bucket ${backend.bucket}: other environments and applications share it, and it keeps old states`,
    ...(backend.lockTable === undefined ? [] : [`lock table ${backend.lockTable}: shared likewise`]),
    ...(repository === undefined
      ? []
      : [
          `registry ${repository} with its images, and the roles of terraform/bootstrap: every environment uses them`,
        ]),
    ...finalSnapshots(resources).map(
      (name) => `database snapshot ${name}: delete it when nobody needs the data`,
    ),
  ];
}

/** The snapshots that RDS makes when it deletes a database. Pure. */
export function finalSnapshots(resources: readonly PlannedResource[]): string[] {
  return resources.flatMap(({ type, before }) => {
    const { skip_final_snapshot: skip, final_snapshot_identifier: name } = before;
    const made = /^aws_(db_instance|rds_cluster)$/.test(type) && skip === false && typeof name === 'string';
    return made && name !== '' ? [name] : [];
  });
}
