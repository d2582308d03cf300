import { DeployError } from '../../core/index.ts';
import type { TerraformOutputs } from '../../core/index.ts';
import { patiently, type RolloutContext } from '../context/index.ts';
import type {
  ActivityObservation,
  AlarmObservation,
  GroupObservation,
  HookObservation,
  RefreshObservation,
  RolloutTarget,
  TargetGroupObservation,
  TargetObservation,
} from '../model/index.ts';
import { rolloutSettings, withUsableAlarms, type RolloutSettings } from './settings.ts';
import type { GroupEvaluation } from '../model/index.ts';
import { evaluateGroup } from '../model/index.ts';

/** Everything that is known before anything is done. */
export interface Scene {
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
  now: GroupEvaluation;
}

/**
 * Reads the group and what belongs to it.
 *
 * @throws DeployError `group-missing`, or `credentials` when the role may not read something of it.
 */
export async function readScene(
  context: RolloutContext,
  { alarmNames, targetGroupArns }: Pick<TerraformOutputs, 'alarmNames' | 'targetGroupArns'>,
): Promise<Scene> {
  const { api, run } = context;
  const group = await patiently(context, 'see the Auto Scaling group', () => api.group(context.group));
  if (!group) throw groupMissing(context.group, run.inputs.region);
  const settings = rolloutSettings(run.inputs, group, alarmNames);
  const arns = group.targetGroupArns;
  const [refreshes, targetGroups, targets, alarms, hooks, activities] = await Promise.all([
    patiently(context, 'list the instance refreshes', () => api.refreshes(group.name)),
    patiently(context, 'see the target groups', () => api.targetGroups(arns)),
    patiently(context, 'see the health of the targets', () => api.targets(arns)),
    patiently(context, 'see the alarms', () => api.alarms(settings.alarms)),
    patiently(context, 'see the lifecycle hooks', () => api.hooks(group.name)),
    patiently(context, 'see the activities', () => api.recentActivities(group.name)),
  ]);
  const now = evaluateGroup(group, targets, context.target);
  const unattached = targetGroupArns.filter((arn) => !arns.includes(arn));
  return { group, refreshes, targetGroups, unattached, targets, alarms, hooks, activities, settings, now };
}

/**
 * The settings that are sent to AWS: without alarms that it could not use, and without a rollback that would go to the
 * very version that is rolled out (preflight has told of both).
 */
export function sentSettings({ settings, alarms }: Scene, target: RolloutTarget): RolloutSettings {
  const usable = withUsableAlarms(settings, alarms);
  return { ...usable, autoRollback: usable.autoRollback && target.previousVersion !== target.version };
}

/** What has to be done to have every instance on the target version. */
export type Course =
  /** It is so already. */
  | 'unchanged'
  /** No instance runs anything else and none has to be replaced: they only have to come up. */
  | 'come-up'
  | 'refresh';

/** The course from what is there. Pure. */
export function courseOf({ group, now }: Scene, target: RolloutTarget): Course {
  const saved = group.template?.id === target.templateId && group.template.version === String(target.version);
  if (!saved || now.outdated.length > 0) return 'refresh';
  return now.unhealthy.length === 0 && now.serving.length >= group.desired ? 'unchanged' : 'come-up';
}

function groupMissing(name: string, region: string): DeployError {
  return new DeployError({
    reason: 'group-missing',
    message: `there is no Auto Scaling group ${name} in ${region}, or it is being deleted`,
    left: 'no instance was touched',
    next: 'see that the Terraform root makes the group it names in autoscaling_group_name, in this region, then run this job again',
  });
}
