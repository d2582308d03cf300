import type { TerraformOutputs } from '../../core/index.ts';
import { DeployError } from '../../core/index.ts';
import { withRetry, type RolloutContext } from '../context/index.ts';
import type {
  ActivityObservation,
  AlarmObservation,
  GroupEvaluation,
  GroupObservation,
  HookObservation,
  RefreshObservation,
  RolloutTarget,
  TargetGroupObservation,
  TargetObservation,
} from '../model/index.ts';
import { evaluateGroup } from '../model/index.ts';
import { rolloutSettings, withUsableAlarms, type RolloutSettings } from './settings.ts';

/** Everything that is known before anything is done. */
export interface GroupSnapshot {
  group: GroupObservation;
  refreshes: RefreshObservation[];
  targetGroups: TargetGroupObservation[];
  /** Target groups that the Terraform root names and the group is not attached to. */
  unattached: string[];
  targets: TargetObservation[];
  alarms: AlarmObservation[];
  hooks: HookObservation[];
  activities: ActivityObservation[];
  /** As asked for; alarms that AWS could not use are still in it. */
  settings: RolloutSettings;
  /** Every instance against the target version. */
  evaluation: GroupEvaluation;
  /** The group in which instances of the new version come up, where that is another one. */
  comesUpIn?: string;
  keeps?: KeepsRequests;
}

/** Of two groups, the one that has all requests in the end of a run that comes to no good one. */
export interface KeepsRequests {
  whenCancelled: string;
  /** Undefined: both stay as they are. */
  whenFailed: string | undefined;
}

/**
 * Reads the group and what belongs to it.
 *
 * @throws DeployError `group-missing`, or `credentials` when the role may not read something of it.
 */
export async function readSnapshot(
  context: RolloutContext,
  { alarmNames, targetGroupArns }: Pick<TerraformOutputs, 'alarmNames' | 'targetGroupArns'>,
): Promise<GroupSnapshot> {
  const { api, run } = context;
  const group = await withRetry(context, 'see the Auto Scaling group', () => api.group(context.group));
  if (!group) throw groupMissing(context.group, run.inputs.region);
  const settings = rolloutSettings(run.inputs, group, alarmNames);
  const arns = group.targetGroupArns;
  const [refreshes, targetGroups, targets, alarms, hooks, activities] = await Promise.all([
    withRetry(context, 'list the instance refreshes', () => api.refreshes(group.name)),
    withRetry(context, 'see the target groups', () => api.targetGroups(arns)),
    withRetry(context, 'see the health of the targets', () => api.targets(arns)),
    withRetry(context, 'see the alarms', () => api.alarms(settings.alarms)),
    withRetry(context, 'see the lifecycle hooks', () => api.hooks(group.name)),
    withRetry(context, 'see the activities', () => api.recentActivities(group.name)),
  ]);
  const evaluation = evaluateGroup(group, targets, context.target);
  const unattached = targetGroupArns.filter((arn) => !arns.includes(arn));
  return {
    group,
    refreshes,
    targetGroups,
    unattached,
    targets,
    alarms,
    hooks,
    activities,
    settings,
    evaluation,
  };
}

/**
 * The settings that are sent to AWS: without alarms that it could not use, and without a rollback that would go to the
 * very version that is rolled out (preflight has told of both).
 */
export function effectiveSettings(
  { settings, alarms }: GroupSnapshot,
  target: RolloutTarget,
): RolloutSettings {
  const usable = withUsableAlarms(settings, alarms);
  return { ...usable, autoRollback: usable.autoRollback && target.previousVersion !== target.version };
}

/** What has to be done to have every instance on the target version. */
export type NextAction =
  /** It is so already. */
  | 'unchanged'
  /** No instance has to be replaced: those of the version have only to come up. */
  | 'initial-deployment'
  /** It has come to where it waits for a person already. */
  | 'paused'
  | 'replace';

/** The next action, from what is there. Pure. */
export function nextAction({ group, evaluation }: GroupSnapshot, target: RolloutTarget): NextAction {
  const saved = group.template?.id === target.templateId && group.template.version === String(target.version);
  if (!saved || evaluation.outdated.length > 0) return 'replace';
  return evaluation.unhealthy.length === 0 && evaluation.serving.length >= group.desired
    ? 'unchanged'
    : 'initial-deployment';
}

function groupMissing(name: string, region: string): DeployError {
  return new DeployError({
    reason: 'group-missing',
    message: `there is no Auto Scaling group ${name} in ${region}, or it is being deleted`,
    left: 'the rollout was not begun',
    next: 'see that the Terraform root makes the group it names in autoscaling_group_name, in this region, then run this job again',
  });
}
