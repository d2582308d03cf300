/** One refresh's sight of its group: what is still to be replaced, what is done, what is in the way. */
import { isAvailable } from './health.ts';
import { overrideTypes } from './lifecycle.ts';
import {
  countsAsCapacity,
  type Group,
  type Instance,
  isRetained,
  isTerminating,
  type LaunchConfiguration,
  type Refresh,
  type Step,
} from './state.ts';

/** A group's instances, by what the refresh has to do with them. */
export interface RefreshView {
  /** In service or on their way, and as they should be. */
  updated: Instance[];
  /** To be replaced, and free to be: unhealthy ones first, then the oldest version, then the oldest. */
  replaceable: Instance[];
  /** To be replaced, but protected or in Standby, with the preference Wait. */
  blocked: Instance[];
  /** In Standby, with the preference Terminate. */
  standbyToTerminate: Instance[];
  /** Taken out by this refresh and not gone yet. */
  leaving: Instance[];
  /** In service, healthy, warmed up. */
  available: ReadonlySet<Instance>;
  /** How many instances there should be in the end, without those that preferences leave alone. */
  total: number;
}

/** The configuration that a refresh compares with and moves toward, unless it rolls back. */
export const targetConfiguration = (group: Group, refresh: Refresh): LaunchConfiguration =>
  refresh.desiredConfiguration ?? group.settings.configuration;

/** True when the instance is what the configuration would launch now: template, version, and one of its types. */
export function matches(step: Step, configuration: LaunchConfiguration, instance: Instance): boolean {
  const template = step.seen.template(configuration.launchTemplate);
  if (template?.id !== instance.template.id || template.version !== instance.template.version) return false;
  const types = overrideTypes(configuration.mixedInstancesPolicy);
  return types.length === 0 || types.includes(instance.template.instanceType);
}

/**
 * True when the refresh has to replace the instance. Forward, that is everything it did not launch itself, or, with
 * SkipMatching, everything that does not match at this moment (so that `$Latest` is looked up again). In a rollback
 * it is what the refresh launched on its way forward.
 */
export function isOutdated(step: Step, refresh: Refresh, instance: Instance): boolean {
  const own = instance.launchedBy?.refresh === refresh.id;
  if (refresh.status === 'RollbackInProgress') return own && instance.launchedBy?.rollback === false;
  const group = step.state.groups.get(instance.group);
  if (refresh.preferences.skipMatching && group) {
    return !matches(step, targetConfiguration(group, refresh), instance);
  }
  return !own;
}

/** Sorts the group's instances by what the refresh has to do with them. */
export function viewRefresh(step: Step, group: Group, refresh: Refresh): RefreshView {
  const { preferences } = refresh;
  const updated: Instance[] = [];
  const replaceable: Instance[] = [];
  const blocked: Instance[] = [];
  const standbyToTerminate: Instance[] = [];
  const leaving: Instance[] = [];
  const available = new Set<Instance>();
  let leftAlone = 0;
  for (const instance of group.instances.values()) {
    if (isRetained(instance)) continue;
    if (isTerminating(instance)) {
      if (instance.replacedBy === refresh.id) leaving.push(instance);
      continue;
    }
    if (isAvailable(step, group, instance, preferences.instanceWarmup)) available.add(instance);
    const standby = !countsAsCapacity(instance);
    if (!isOutdated(step, refresh, instance)) {
      if (!standby) updated.push(instance);
    } else if (standby) {
      if (preferences.standbyInstances === 'Wait') blocked.push(instance);
      else if (preferences.standbyInstances === 'Terminate') standbyToTerminate.push(instance);
    } else if (!instance.protectedFromScaleIn || preferences.scaleInProtectedInstances === 'Refresh') {
      replaceable.push(instance);
    } else if (preferences.scaleInProtectedInstances === 'Wait') blocked.push(instance);
    else leftAlone += 1;
  }
  replaceable.sort(
    (a, b) =>
      Number(available.has(a)) - Number(available.has(b)) ||
      a.template.version - b.template.version ||
      a.launchedAt - b.launchedAt,
  );
  const total = Math.max(0, group.settings.desiredCapacity - leftAlone);
  return { updated, replaceable, blocked, standbyToTerminate, leaving, available, total };
}

/** What DescribeInstanceRefreshes shows: whole per cent, and instances whose update has not begun. */
export function progressOf(
  group: Group,
  refresh: Refresh,
  view: RefreshView,
): { percentageComplete: number; instancesToUpdate: number; completed: number } {
  if (refresh.status === 'RollbackInProgress') return rollbackProgress(group, refresh, view);
  const completed = Math.min(
    view.total,
    view.updated.filter((instance) => view.available.has(instance)).length,
  );
  const waiting = view.blocked.filter((instance) => !countsAsCapacity(instance)).length;
  return {
    percentageComplete: view.total === 0 ? 100 : Math.floor((100 * completed) / view.total),
    instancesToUpdate:
      Math.max(0, view.total - view.updated.length) + waiting + view.standbyToTerminate.length,
    completed,
  };
}

/**
 * Documented: in a rollback the percentage "gradually goes back down to zero": it counts what is still updated, and not
 * what the rollback launched. An instance that was on its way when it began, and is updated only now, is no progress.
 */
function rollbackProgress(
  group: Group,
  refresh: Refresh,
  view: RefreshView,
): { percentageComplete: number; instancesToUpdate: number; completed: number } {
  const outdated = [...view.replaceable, ...view.blocked];
  const stillUpdated = outdated.filter((instance) => view.available.has(instance)).length;
  const neverUpdated = view.updated.filter((instance) => instance.launchedBy?.refresh !== refresh.id).length;
  const restored = view.updated.filter((instance) => view.available.has(instance)).length;
  const desired = group.settings.desiredCapacity;
  return {
    percentageComplete:
      desired === 0 ? 0 : Math.min(refresh.percentageComplete, Math.floor((100 * stillUpdated) / desired)),
    instancesToUpdate: Math.min(desired, neverUpdated),
    completed: Math.min(desired, restored),
  };
}
