import { ifPossible, patiently, type RolloutContext } from '../context/context.ts';
import type { GroupObservation, RolloutTarget, TargetObservation } from '../model/observations.ts';

/** What the group looks like after the refresh said Successful. */
export interface Verified {
  group: GroupObservation;
  /** Instances that still run something else. */
  survivors: string[];
  /** Instances of the new version that do not serve, with what the load balancer says. */
  unhealthy: { id: string; target: TargetObservation | undefined }[];
  serving: string[];
}

/** Compares every instance with the version it should run and with its targets. Pure. */
export function judgeGroup(
  group: GroupObservation,
  targets: TargetObservation[],
  target: RolloutTarget,
): Verified {
  const staying = group.instances.filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminat'));
  const standby = ({ lifecycleState }: (typeof staying)[number]): boolean =>
    lifecycleState.endsWith('Standby');
  const isNew = ({ templateVersion, templateId }: (typeof staying)[number]): boolean =>
    templateVersion === target.version &&
    (templateId === undefined || templateId === '' || templateId === target.templateId);
  const byInstance = new Map<string, TargetObservation[]>();
  for (const each of targets)
    byInstance.set(each.instanceId, [...(byInstance.get(each.instanceId) ?? []), each]);
  const unhealthy: Verified['unhealthy'] = [];
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
  return { group, survivors: staying.filter((each) => !isNew(each)).map(({ id }) => id), unhealthy, serving };
}

/** Seconds between two looks while targets settle. */
const interval = 5;

/**
 * Looks at the group until every instance of the new version serves, or `seconds` passed without all of them serving:
 * an instance that a policy just added gets its time. undefined when the group is gone.
 */
export async function verify(context: RolloutContext, seconds: number): Promise<Verified | undefined> {
  const { api, clock, run } = context;
  const until = clock.now() + seconds;
  for (;;) {
    const group = await patiently(context, 'see the group', () => api.group(context.group));
    if (!group) return undefined;
    const targets = await ifPossible(context, 'see the health of the targets', () =>
      api.targets(group.targetGroupArns),
    );
    const verified = targets && judgeGroup(group, targets, context.target);
    if (verified?.unhealthy.length === 0 && verified.serving.length >= neededCount(verified)) return verified;
    // A success that was not seen is none: without an answer about the targets every instance counts as not serving.
    if (clock.now() >= until) return verified ?? judgeGroup(group, [], context.target);
    await clock.sleep(interval, run.signal);
    if (run.signal.aborted) return verified ?? judgeGroup(group, [], context.target);
  }
}

function neededCount({ group, survivors }: Verified): number {
  return Math.max(0, group.desired - survivors.length);
}
