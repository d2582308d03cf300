/** Keeps the number of instances at the desired capacity, plus what a refresh or a policy needs on top of it. */
import { beginActivity, endActivity } from './activities.ts';
import { capacityRange } from './capacity-range.ts';
import { heldInstances, isAvailable } from './health.ts';
import { beginTermination, launchInstance } from './lifecycle.ts';
import { isOutdated } from './refresh-view.ts';
import {
  activeRefresh,
  countsAsCapacity,
  type Group,
  type Instance,
  isTerminating,
  type Step,
} from './state.ts';
import { causes, sentences, statusMessages } from './texts.ts';

/**
 * Launches or terminates until the number is right. A refresh may go over MaxSize: AWS does not say whether it may.
 * AZRebalance and MaxInstanceLifetime are not acted on.
 */
export function reconcileCapacity(step: Step, group: Group): void {
  if (group.deleting) {
    emptyGroup(step, group);
    return;
  }
  const refresh = activeRefresh(group);
  const members = [...group.instances.values()].filter(countsAsCapacity);
  const desired = group.settings.desiredCapacity;
  const wanted = desired + (refresh?.outgoing.length ?? 0) + heldInstances(step, group);
  if (members.length === wanted) {
    group.launchReasons = [];
    delete group.capacityCause;
    group.saidProtected = false;
  } else if (members.length < wanted) {
    grow(step, group, members.length, wanted);
  } else {
    shrink(step, group, members, wanted);
  }
}

/** ForceDelete: everything goes, protected and Standby instances too, and no hook is waited for. */
function emptyGroup(step: Step, group: Group): void {
  for (const instance of group.instances.values()) {
    if (isTerminating(instance)) continue;
    beginTermination(step, group, instance, { cause: causes.groupDeleted(step.now) });
  }
}

function grow(step: Step, group: Group, from: number, to: number): void {
  if (group.suspended.has('Launch') || step.now < group.retry.notBefore) return;
  for (let count = from; count < to && step.now >= group.retry.notBefore; count += 1) {
    const unhealthy = heldInstances(step, group) > 0 ? 'unhealthy' : 'difference';
    launchInstance(step, group, group.launchReasons.shift() ?? unhealthy, { from, to });
  }
}

function shrink(step: Step, group: Group, members: Instance[], wanted: number): void {
  if (group.suspended.has('Terminate')) return;
  const from = members.length;
  const warmup = activeRefresh(group)?.preferences.instanceWarmup ?? 0;
  let spare = spareInRollback(step, group, members);
  for (const victim of pickVictims(step, group, members, from - wanted)) {
    if (isAvailable(step, group, victim, warmup) && spare-- <= 0) continue;
    beginTermination(step, group, victim, whyShrink(step, group, victim, { from, to: wanted }));
  }
}

/**
 * How many that serve a rollback may take back at this moment, for it keeps to the minimum as the refresh did: where
 * those that don't serve yet are protected, others would go. Anybody's else scale-in is as AWS describes it: at once.
 */
function spareInRollback(step: Step, group: Group, members: Instance[]): number {
  const refresh = activeRefresh(group);
  if (refresh?.status !== 'RollbackInProgress') return Infinity;
  const { instanceWarmup } = refresh.preferences;
  const serving = members.filter((member) => isAvailable(step, group, member, instanceWarmup)).length;
  return serving - capacityRange(group.settings.desiredCapacity, refresh.preferences).least;
}

/** What a rollback finds on top of the desired capacity is its own to take back, and it waits until that is gone. */
function whyShrink(
  step: Step,
  group: Group,
  victim: Instance,
  size: { from: number; to: number },
): { cause: string; replacedBy?: string } {
  const refresh = activeRefresh(group);
  if (refresh?.status === 'RollbackInProgress' && isOutdated(step, refresh, victim)) {
    return { cause: causes.refreshTerminated(step.now, victim.id), replacedBy: refresh.id };
  }
  const sizes = causes.shrink(step.now, size.from, size.to);
  return { cause: sentences(group.capacityCause, sizes, causes.selected(step.now, victim.id)) };
}

function pickVictims(step: Step, group: Group, members: Instance[], count: number): Instance[] {
  const open = members.filter((instance) => !instance.protectedFromScaleIn);
  const victims: Instance[] = [];
  while (victims.length < count && open.length > 0) {
    const victim = pickVictim(step, group, open);
    open.splice(open.indexOf(victim), 1);
    victims.push(victim);
  }
  if (victims.length < count && !group.saidProtected) {
    group.saidProtected = true;
    const [instance] = members;
    if (instance) sayProtected(step, group, instance);
  }
  return victims;
}

function sayProtected(step: Step, group: Group, instance: Instance): void {
  const { desiredCapacity } = group.settings;
  const activity = beginActivity(step.state, group, step.now, {
    description: 'Terminating EC2 instance',
    cause: sentences(group.capacityCause, causes.shrink(step.now, desiredCapacity + 1, desiredCapacity)),
    instance,
  });
  endActivity(activity, step.now, 'Cancelled', statusMessages.allProtected);
}

/**
 * Unhealthy and not yet serving instances first, then what a refresh or rollback under way would replace, then the
 * zone with the most instances, then the termination policies. The first two are assumed: they keep what serves.
 */
function pickVictim(step: Step, group: Group, open: Instance[]): Instance {
  const refresh = activeRefresh(group);
  const warmup = refresh?.preferences.instanceWarmup ?? 0;
  const zones = new Map<string, number>();
  for (const { availabilityZone } of open)
    zones.set(availabilityZone, (zones.get(availabilityZone) ?? 0) + 1);
  const keys = (instance: Instance): number[] => [
    Number(isAvailable(step, group, instance, warmup)),
    refresh && isOutdated(step, refresh, instance) ? 0 : 1,
    -(zones.get(instance.availabilityZone) ?? 0),
    ...group.settings.terminationPolicies.flatMap((policy) => policyKeys(policy, instance)),
    instance.launchedAt,
  ];
  const ranked = open.map((instance) => ({ instance, keys: keys(instance) }));
  const first = ranked.reduce((best, other) => (isLess(other.keys, best.keys) ? other : best));
  return first.instance;
}

function isLess(a: number[], b: number[]): boolean {
  const index = a.findIndex((value, position) => value !== b[position]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
}

function policyKeys(policy: string, instance: Instance): number[] {
  switch (policy) {
    case 'OldestInstance':
      return [instance.launchedAt];
    case 'NewestInstance':
      return [-instance.launchedAt];
    case 'Default':
    case 'OldestLaunchTemplate':
      return [instance.template.version];
    default:
      return [];
  }
}
