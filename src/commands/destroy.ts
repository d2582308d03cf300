import { DeployError, truncatedList } from '../core/index.ts';
import type { Environment } from '../environment/index.ts';
import { tookOf, type Conclusion } from '../report/index.ts';
import { isActive, stateWords } from '../rollout/index.ts';
import type { Plan, PlannedResource } from '../terraform/index.ts';
import type { CommandContext } from './context.ts';
import { findEnvironment, placeholderImage, runningImage } from './current.ts';
import { phase } from './phase.ts';
import { refuseProtected } from './protections.ts';
import type { Infrastructure } from './steps.ts';
import { openWithoutMaking, planWith } from './steps.ts';

/**
 * Takes an environment down: plans the destruction, shows it, and applies that very plan. What AWS protects from
 * deletion, or a rollout under way, is looked for first, so that an environment is not left half destroyed. The
 * confirmation was checked with the inputs.
 *
 * @throws DeployError `preflight` for protected resources, `refresh-active`, and what plan and apply throw
 */
export async function destroy(context: CommandContext): Promise<Conclusion> {
  const { run, record } = context;
  const infrastructure = await openWithoutMaking(context);
  if (infrastructure.missing.bucket !== undefined) return nothingThere(context);
  const found = await phase(context, 'look', () => findEnvironment(context));
  const environment = found === 'unreadable' ? undefined : found;
  if (environment !== undefined) refuseWhileRollingOut(environment);
  const plan = await phase(context, 'plan-destruction', () =>
    planDestruction(context, infrastructure, environment),
  );
  if (!plan.changed) return nothingThere(context);
  const resources = await plan.resources();
  await refuseProtected(context, resources, environment);
  const lost = withoutSnapshot(resources);
  await phase(context, 'destruction', async () => {
    for (const name of lost)
      run.log.warning(`database ${name} is deleted for good: no final snapshot is made of it`);
    await plan.apply();
    record.applied = true;
    await seeThatAllIsGone(infrastructure);
  });
  record.details = await whatIsLeft(context, infrastructure, resources);
  run.log.line('What is left, on purpose:');
  for (const line of record.details) run.log.line(`  ${line}`);
  const { application, environment: name } = run.inputs;
  const all = resources.length === 1 ? 'its only resource is' : `all ${resources.length} resources are`;
  return {
    status: 'destroyed',
    sentence: `Destroyed ${name} of ${application}: ${all} gone. ${tookOf(record, Date.now())}.`,
  };
}

function nothingThere(context: CommandContext): Conclusion {
  const { application, environment, region } = context.run.inputs;
  return {
    status: 'unchanged',
    sentence: `Nothing to destroy: Terraform's state has nothing of ${application} in ${environment} (${region}). ${tookOf(context.record, Date.now())}.`,
  };
}

function planDestruction(
  context: CommandContext,
  { root }: Infrastructure,
  environment: Environment | undefined,
): Promise<Plan> {
  const image = environment === undefined ? undefined : runningImage(environment);
  return planWith(context, root, image?.reference ?? placeholderImage(context), { destroy: true });
}

function refuseWhileRollingOut({ refreshes, group, fleets }: Environment): void {
  if (fleets !== undefined && ['launching', 'shifting', 'baking'].includes(fleets.state.kind)) {
    throw new DeployError({
      reason: 'refresh-active',
      message: `a rollout is under way: ${stateWords(fleets.state)}`,
      left: 'Nothing was touched.',
      next: 'take it back with the command abort, then run this job again',
    });
  }
  const active = refreshes.find(isActive);
  if (active === undefined) return;
  throw new DeployError({
    reason: 'refresh-active',
    message: `instance refresh ${active.id} of ${group.name} is under way: somebody deploys to what is to be destroyed`,
    left: 'Nothing was touched.',
    next: 'wait for it to end or cancel it, then run this job again',
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

/** What outlives an environment: what other environments share, what was asked to be kept, and what Terraform did not make. */
async function whatIsLeft(
  { run, stages }: CommandContext,
  { backend }: Infrastructure,
  resources: readonly PlannedResource[],
): Promise<string[]> {
  const [repository, parameters] = await Promise.all([stages.repositoryOf(run), stages.parameterNames(run)]);
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
    ...keptBackups(resources),
    ...parametersLeft(parameters, `/${run.inputs.application}/${run.inputs.environment}`),
  ];
}

/** Automated backups that RDS goes on keeping after it deleted their database. Pure. */
export function keptBackups(resources: readonly PlannedResource[]): string[] {
  return resources.flatMap(({ type, before }) => {
    const { delete_automated_backups: deleted, identifier, backup_retention_period: days } = before;
    if (type !== 'aws_db_instance' || deleted !== false || !(Number(days) > 0)) return [];
    return [
      `automated backups of database ${String(identifier)}: kept for ${Number(days)} days by themselves`,
    ];
  });
}

/** How many names a line of the report holds. */
const namesShown = 10;

/** What people wrote to Parameter Store by hand, which the next deployment's instances would read again. Pure. */
export function parametersLeft(names: readonly string[] | undefined, path: string): string[] {
  if (names === undefined)
    return [
      `parameters under ${path} that somebody made by hand, if any: the role may not list them (ssm:DescribeParameters)`,
    ];
  if (names.length === 0) return [];
  return [
    `parameters that Terraform did not make: ${truncatedList(names, namesShown)}: a new deployment would read them; delete them with aws ssm delete-parameters --names`,
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

/** Databases of which nothing is left: by their identifiers. Pure. */
export function withoutSnapshot(resources: readonly PlannedResource[]): string[] {
  return resources.flatMap(({ type, address, before }) => {
    const {
      skip_final_snapshot: skip,
      identifier,
      cluster_identifier: cluster,
      replicate_source_db: source,
    } = before;
    if (!/^aws_(db_instance|rds_cluster)$/.test(type) || skip !== true) return [];
    // A replica can leave none, and holds nothing that its source has not.
    if (typeof source === 'string' && source !== '') return [];
    const name = identifier ?? cluster;
    return [typeof name === 'string' ? name : address];
  });
}
