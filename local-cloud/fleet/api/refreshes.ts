/** StartInstanceRefresh, DescribeInstanceRefreshes, CancelInstanceRefresh, RollbackInstanceRefresh. */
import { type ApiCall, ApiError } from '../../gateway/index.ts';
import {
  activeRefresh,
  beginRollback,
  cancelRefresh,
  type Group,
  type LaunchConfiguration,
  type Refresh,
  statusReasons,
} from '../engine/index.ts';
import { readConfiguration, renderConfiguration } from './configuration.ts';
import { type FleetContext, changeableGroup, groupOf } from './context.ts';
import { Parameters, page, validationError } from './parameters.ts';
import { readPreferences } from './preferences.ts';

/** A version that is not a number has no old meaning to go back to. */
const isSymbolic = ({ launchTemplate }: LaunchConfiguration): boolean =>
  !/^\d+$/.test(launchTemplate.Version);

/**
 * Starts a refresh; it begins with the engine's next step. ReplaceRootVolume is not offered here.
 * @throws ApiError InstanceRefreshInProgress, ValidationError
 */
export async function startInstanceRefresh(context: FleetContext, call: ApiCall): Promise<object> {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const strategy = parameters.text('Strategy');
  const group = changeableGroup(context, name);
  const preferences = readPreferences(group, parameters.structure('Preferences') ?? new Parameters({}));
  const asked = parameters.structure('DesiredConfiguration');
  if (strategy === 'ReplaceRootVolume') {
    throw validationError(
      'The ReplaceRootVolume strategy is not available: the local cloud has no root volumes. Use Rolling.',
    );
  }
  if (preferences.autoRollback && asked === undefined) {
    throw validationError(
      "The request isn't valid. The AutoRollback parameter cannot be set to true when the DesiredConfiguration " +
        'parameter is empty. Set AutoRollback to false or specify a desired configuration and try again.',
    );
  }
  const desired = asked && (await readConfiguration(context, asked));
  if (asked && desired === undefined) {
    throw validationError(
      'The desired configuration must have a launch template or a mixed instances policy.',
    );
  }
  if (preferences.autoRollback && isSymbolic(group.settings.configuration)) {
    // The rule is AWS's, the wording is ours.
    throw validationError(
      "The request isn't valid. The AutoRollback parameter cannot be set to true when the Auto Scaling group uses " +
        '$Latest or $Default as its launch template version.',
    );
  }
  await context.resolve(group.settings.configuration.launchTemplate).catch(() => undefined);
  await checkAlarms(context, preferences.alarms);
  if (activeRefresh(group)) {
    throw new ApiError(
      'InstanceRefreshInProgress',
      'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
    );
  }
  return { InstanceRefreshId: addRefresh(context, group, { preferences, desired }) };
}

/** The rule is AWS's (all alarms must be OK at the start), the wording is ours. */
async function checkAlarms(context: FleetContext, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const state = await context.alarms.state(name);
    if (state === undefined) throw validationError(`The CloudWatch alarm ${name} does not exist.`);
    if (state !== 'OK') {
      throw validationError(
        `The instance refresh can't start: the CloudWatch alarm ${name} is in ${state} state, not OK.`,
      );
    }
  }
}

function addRefresh(
  context: FleetContext,
  group: Group,
  what: { preferences: Refresh['preferences']; desired: LaunchConfiguration | undefined },
): string {
  const now = context.clock.now();
  const refresh: Refresh = {
    id: context.state.newId('uuid'),
    status: 'Pending',
    createdAt: now,
    preferences: what.preferences,
    percentageComplete: 0,
    instancesToUpdate: group.settings.desiredCapacity,
    outgoing: [],
    progress: { best: 0, at: now },
    checkpoint: { reached: 0, waitUntil: 0 },
  };
  if (what.desired) refresh.desiredConfiguration = what.desired;
  group.refreshes.push(refresh);
  return refresh.id;
}

/** Newest first. Unknown ids are left out, as they are by other Describe operations (assumed). */
export function describeInstanceRefreshes(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const ids = parameters.texts('InstanceRefreshIds') ?? [];
  const group = groupOf(context, name);
  const refreshes = group.refreshes.filter(({ id }) => ids.length === 0 || ids.includes(id)).reverse();
  const found = page(refreshes, parameters, { default: 50, max: 100 });
  return {
    InstanceRefreshes: found.items.map((refresh) => renderRefresh(group, refresh)),
    NextToken: found.NextToken,
  };
}

function renderRefresh(group: Group, refresh: Refresh): Record<string, unknown> {
  const { rollback } = refresh;
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: group.name,
    Status: refresh.status,
    StatusReason: refresh.statusReason,
    StartTime: refresh.startTime === undefined ? undefined : new Date(refresh.startTime),
    EndTime: refresh.endTime === undefined ? undefined : new Date(refresh.endTime),
    PercentageComplete: refresh.percentageComplete,
    InstancesToUpdate: refresh.instancesToUpdate,
    Preferences: renderPreferences(refresh),
    DesiredConfiguration: refresh.desiredConfiguration && renderConfiguration(refresh.desiredConfiguration),
    RollbackDetails: rollback && {
      RollbackReason: rollback.reason,
      RollbackStartTime: new Date(rollback.startTime),
      PercentageCompleteOnRollback: rollback.percentageComplete,
      InstancesToUpdateOnRollback: rollback.instancesToUpdate,
    },
    Strategy: 'Rolling',
  };
}

function renderPreferences({ preferences }: Refresh): Record<string, unknown> {
  const { checkpointPercentages, alarms } = preferences;
  return {
    MinHealthyPercentage: preferences.minHealthyPercentage,
    MaxHealthyPercentage: preferences.maxHealthyPercentage ?? undefined,
    InstanceWarmup: preferences.instanceWarmup,
    CheckpointPercentages: checkpointPercentages.length > 0 ? checkpointPercentages : undefined,
    CheckpointDelay: preferences.checkpointDelay,
    SkipMatching: preferences.skipMatching,
    AutoRollback: preferences.autoRollback,
    ScaleInProtectedInstances: preferences.scaleInProtectedInstances,
    StandbyInstances: preferences.standbyInstances,
    AlarmSpecification: alarms.length > 0 ? { Alarms: alarms } : undefined,
    BakeTime: preferences.bakeTime,
  };
}

function noneActive(name: string): ApiError {
  return new ApiError(
    'ActiveInstanceRefreshNotFound',
    `No in progress or pending Instance Refresh found for Auto Scaling group ${name}`,
  );
}

/** A refresh that is Cancelling already may be cancelled again, then without waiting (assumed). */
export function cancelInstanceRefresh(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const wait = parameters.boolean('WaitForTransitioningInstances') ?? true;
  const refresh = activeRefresh(groupOf(context, name));
  if (refresh === undefined) throw noneActive(name);
  cancelRefresh(refresh, context.clock.now(), wait);
  return { InstanceRefreshId: refresh.id };
}

/**
 * Turns the active refresh round. A refresh without desired configuration, of a group whose saved version is not a
 * number, or one that rolls back or is being cancelled already, can't be (the wordings are ours).
 * @throws ApiError ActiveInstanceRefreshNotFound, IrreversibleInstanceRefresh
 */
export function rollbackInstanceRefresh(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const group = groupOf(context, name);
  const refresh = activeRefresh(group);
  if (refresh === undefined) throw noneActive(name);
  const why = irreversible(group, refresh);
  if (why !== undefined) throw new ApiError('IrreversibleInstanceRefresh', why);
  beginRollback(group, refresh, context.clock.now(), statusReasons.rollbackRequested);
  return { InstanceRefreshId: refresh.id };
}

function irreversible(group: Group, refresh: Refresh): string | undefined {
  if (refresh.desiredConfiguration === undefined) {
    return 'The instance refresh has no desired configuration and cannot be rolled back.';
  }
  if (isSymbolic(group.settings.configuration)) {
    return 'The Auto Scaling group uses $Latest or $Default as its launch template version: there is no version to roll back to.';
  }
  if (refresh.status === 'RollbackInProgress' || refresh.status === 'Cancelling') {
    return `The instance refresh is in status ${refresh.status} and cannot be rolled back.`;
  }
  return undefined;
}
