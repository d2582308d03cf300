import { bestEffort, type RolloutContext } from '../context/index.ts';
import type { GroupObservation, RunningInstance, TemplateObservation } from '../model/index.ts';
import { vcpuQuotaOf, type Finding, type VcpuQuota } from '../preflight/index.ts';
import { sizeOf } from './course.ts';
import type { Route, Side } from './state.ts';

type Move = Extract<Route, { kind: 'move' }>;

/** Instances that are to be launched and count against one quota. */
export interface Launches {
  quota: VcpuQuota;
  count: number;
  /** Any of which they may be. */
  types: readonly string[];
}

/** What of an account a quota is held against. */
export interface Account {
  /** vCPUs that may run at once. */
  limit: number;
  running: readonly RunningInstance[];
  vcpus: Readonly<Record<string, number>>;
}

/**
 * Whether the account may run both fleets at once, as far as the role may ask that; an error where AWS would refuse some
 * of the launches. A role that may not ask is warned of once, and held up by nothing.
 */
export async function bothFleets(context: RolloutContext, { from, to }: Move): Promise<Finding[]> {
  const { target } = context;
  const size = sizeOf(from, to);
  if (isThere(to, target.version, size)) return [];
  // The version of a plan does not exist yet; what serves now has its machines.
  const template = (await templateOf(context, target.version)) ?? (await templateOf(context, from.version));
  if (template === undefined) return [];
  const own = new Set(to.group.instances.map(({ id }) => id));
  const found: Finding[] = [];
  for (const launches of launchesOf(to.group, template, size)) {
    const account = await bestEffort(context, 'see whether the quota of vCPUs holds both fleets', () =>
      readAccount(context, launches),
    );
    if (account === undefined) break;
    // What the group still has of another version goes first, and what it has of this one is counted.
    const running = account.running.filter(({ id }) => !own.has(id));
    found.push(...checkQuota(launches, { ...account, running }, context.run.inputs.region));
  }
  return found;
}

/** Nothing has to be launched. */
function isThere({ group, version, others, staying }: Side, wanted: number, size: number): boolean {
  return version === wanted && others === 0 && group.desired >= size && staying >= size;
}

async function templateOf(
  context: RolloutContext,
  version: number | undefined,
): Promise<TemplateObservation | undefined> {
  if (version === undefined) return undefined;
  return bestEffort(context, 'see the launch template', () =>
    context.api.templateVersion(context.target.templateId, version),
  );
}

/** undefined where AWS has no value for the quota. */
async function readAccount({ api }: RolloutContext, launches: Launches): Promise<Account | undefined> {
  // One after the other: a role that may not ask for one thing is told of that alone.
  const limit = await api.vcpuQuota(launches.quota.code);
  if (limit === undefined) return undefined;
  const running = await api.runningInstances();
  const ofIt = running.filter(({ type, spot }) => vcpuQuotaOf(type, spot)?.code === launches.quota.code);
  const types = new Set([...launches.types, ...ofIt.map(({ type }) => type)]);
  return { limit, running: ofIt, vcpus: await api.vcpus([...types]) };
}

/**
 * What a group of this size launches, by quota. A share whose types count against different quotas is left out, for nobody
 * knows which of them Auto Scaling takes. Pure.
 */
export function launchesOf(
  { mixedInstancesPolicy: policy }: Pick<GroupObservation, 'mixedInstancesPolicy'>,
  template: Pick<TemplateObservation, 'instanceType' | 'spot'>,
  size: number,
): Launches[] {
  const named = (policy?.LaunchTemplate?.Overrides ?? []).flatMap(({ InstanceType }) => InstanceType ?? []);
  const own = template.instanceType === undefined ? [] : [template.instanceType];
  const types = named.length > 0 ? named : own;
  const { OnDemandBaseCapacity: base = 0, OnDemandPercentageAboveBaseCapacity: percentage = 100 } =
    policy?.InstancesDistribution ?? {};
  // AutoScaling API, InstancesDistribution: what is no whole instance is On-Demand.
  const mixed = Math.min(size, base) + Math.ceil((Math.max(0, size - base) * percentage) / 100);
  const onDemand = policy === undefined ? (template.spot ? 0 : size) : mixed;
  return [
    { count: onDemand, spot: false },
    { count: size - onDemand, spot: true },
  ].flatMap(({ count, spot }) => {
    const [quota, ...others] = types.map((type) => vcpuQuotaOf(type, spot));
    const isOne = others.every((other) => other?.code === quota?.code);
    return count > 0 && quota !== undefined && isOne ? [{ quota, count, types }] : [];
  });
}

/** The error where even the smallest of the types are too many. Pure. */
export function checkQuota(
  { quota, count, types }: Launches,
  { limit, running, vcpus }: Account,
  region: string,
): Finding[] {
  const sizes = types.flatMap((type) => vcpus[type] ?? []);
  if (sizes.length < types.length) return [];
  const needed = count * Math.min(...sizes);
  const used = running.reduce((sum, { type }) => sum + (vcpus[type] ?? 0), 0);
  if (used + needed <= limit) return [];
  const kinds = [...new Set(types)].join(' or ');
  const more = count === 1 ? `1 more instance (${kinds}) needs` : `${count} more instances (${kinds}) need`;
  return [
    {
      code: 'vcpu-quota',
      severity: 'error',
      what: `the account's quota "${quota.name}" can't hold both fleets: of ${limit} vCPUs ${used} run already, and ${more} ${needed}`,
      why: 'AWS would refuse some of the launches, and a version that is not whole gets no requests',
      fix: `have it raised: aws service-quotas request-service-quota-increase --region ${region} --service-code ec2 --quota-code ${quota.code} --desired-value ${used + needed}; or end instances that are not needed, or make the service smaller`,
    },
  ];
}
