import { isTerminating } from './lifecycle-state.ts';
import type { GroupObservation, RolloutTarget, TargetObservation } from './observations.ts';

/** Every instance of a group against the version that it should run. */
export interface GroupEvaluation {
  group: GroupObservation;
  /** Instances that still run something else. */
  outdated: string[];
  /** Instances of the new version that do not serve, with what the load balancer says. */
  unhealthy: { id: string; target: TargetObservation | undefined }[];
  serving: string[];
}

/** Compares every instance with the version it should run and with its targets. Pure. */
export function evaluateGroup(
  group: GroupObservation,
  targets: TargetObservation[],
  target: RolloutTarget,
): GroupEvaluation {
  const staying = group.instances.filter((each) => !isTerminating(each));
  const standby = ({ lifecycleState }: (typeof staying)[number]): boolean =>
    lifecycleState.endsWith('Standby');
  const isNew = ({ templateVersion, templateId }: (typeof staying)[number]): boolean =>
    templateVersion === target.version &&
    (templateId === undefined || templateId === '' || templateId === target.templateId);
  const byInstance = new Map<string, TargetObservation[]>();
  for (const each of targets)
    byInstance.set(each.instanceId, [...(byInstance.get(each.instanceId) ?? []), each]);
  const unhealthy: GroupEvaluation['unhealthy'] = [];
  const serving: string[] = [];
  // Somebody has put an instance in Standby aside on purpose: that it does not serve says nothing about the version.
  for (const instance of staying.filter((each) => isNew(each) && !standby(each))) {
    const own = byInstance.get(instance.id) ?? [];
    const bad = own.find(({ state }) => state !== 'healthy');
    const missing = group.targetGroupArns.some(
      (arn) => !own.some(({ targetGroupArn }) => targetGroupArn === arn),
    );
    const inService =
      instance.lifecycleState === 'InService' && instance.healthStatus.toLowerCase() === 'healthy';
    if (bad || missing || !inService) unhealthy.push({ id: instance.id, target: bad });
    else serving.push(instance.id);
  }
  return { group, outdated: staying.filter((each) => !isNew(each)).map(({ id }) => id), unhealthy, serving };
}
