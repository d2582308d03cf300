import type { GroupSight } from '../context/index.ts';
import type {
  ActivityObservation,
  AlarmObservation,
  BootMarker,
  GroupObservation,
  HookObservation,
  InstanceObservation,
  NewInstance,
  ReplacedFor,
  RolloutFacts,
  RolloutTarget,
  TargetObservation,
} from '../model/index.ts';
import { bootMarker, isFailedLaunch, isTerminating, launchedAfter } from '../model/index.ts';

/** One look at everything around the refresh. What could not be read is left out. */
export interface Observation {
  group?: GroupObservation | undefined;
  targets?: TargetObservation[] | undefined;
  activities?: ActivityObservation[] | undefined;
  alarms?: AlarmObservation[] | undefined;
  consoles?: { instanceId: string; text: string }[] | undefined;
}

interface TrackedInstance {
  instance: InstanceObservation | undefined;
  firstSeen: number;
  inServiceAt: number | undefined;
  servedAt: number | undefined;
  /** At the last look. */
  serving: boolean;
  lapses: number;
  targets: TargetObservation[];
  marker: BootMarker | undefined;
  replacedFor: ReplacedFor;
  /** The group has listed it, or AWS has begun to terminate it: from then on, what is not listed is gone. */
  arrived: boolean;
}

/** Why a terminate activity says that it took the instance (texts: User Guide, "Troubleshoot"; seen in logs). */
export function replacedFor(cause: string): ReplacedFor {
  if (!cause.includes('taken out of service in response to')) return undefined;
  if (cause.includes('ELB system health check failure')) return 'elb';
  if (/user health-?\s?check/.test(cause)) return 'user';
  return /EC2 (?:instance status check failure|health check)/.test(cause) ? 'ec2' : undefined;
}

function isLeaving(targets: TargetObservation[]): boolean {
  return targets.every(({ state }) => ['draining', 'unhealthy.draining', 'unused'].includes(state));
}

function isUnhealthy(targets: TargetObservation[]): boolean {
  return targets.some(({ state }) => state === 'unhealthy');
}

/** Collects what is seen over time. It decides nothing; times are the caller's seconds. */
export class RolloutTracker {
  readonly #seen = new Map<string, TrackedInstance>();
  readonly #activities = new Map<string, ActivityObservation>();
  readonly #alarmSince = new Map<string, number>();
  readonly #alarmsSeen = new Map<string, AlarmObservation>();
  #alarms: AlarmObservation[] = [];
  #group: GroupObservation | undefined;
  #targets = new Map<string, TargetObservation[]>();
  #sawTargets = false;
  #hooks: HookObservation[] = [];
  #movedAt: number;
  #fingerprint = '';
  readonly #target: RolloutTarget;
  readonly #before: ReadonlySet<string>;
  readonly #early: ReadonlySet<string>;

  /**
   * `before`: instances that were there when the rollout began; they are never new, whatever they run.
   * `early`: instances of the target version that an earlier run has brought up; they may still become healthy.
   */
  constructor(target: RolloutTarget, now: number, known: { before?: string[]; early?: string[] } = {}) {
    this.#target = target;
    this.#before = new Set(known.before);
    this.#early = new Set(known.early);
    this.#movedAt = now;
  }

  get knownActivities(): ReadonlySet<string> {
    // An unfinished activity will change, so reading must not stop at it.
    return new Set([...this.#activities.values()].filter(({ endTime }) => endTime).map(({ id }) => id));
  }

  get group(): GroupObservation | undefined {
    return this.#group;
  }

  /** Notes what moves: anything the refresh itself says about its progress. */
  moved(now: number, fingerprint: string): boolean {
    if (fingerprint === this.#fingerprint) return false;
    this.#fingerprint = fingerprint;
    this.#movedAt = now;
    return true;
  }

  hooks(hooks: HookObservation[]): void {
    this.#hooks = hooks;
  }

  see(now: number, detail: Observation): void {
    for (const activity of detail.activities ?? []) this.#seeActivity(now, activity);
    if (detail.group) this.#seeGroup(now, detail.group);
    if (detail.targets) this.#seeTargets(detail.targets);
    for (const { instanceId, text } of detail.consoles ?? []) {
      const seen = this.#seen.get(instanceId);
      if (seen) seen.marker = bootMarker(text) ?? seen.marker;
    }
    for (const seen of this.#seen.values()) this.#noteServing(now, seen);
    if (detail.alarms) this.#seeAlarms(now, detail.alarms);
  }

  #noteServing(now: number, seen: TrackedInstance): void {
    const serving = this.#serves(seen);
    const unhealthy = seen.instance?.lifecycleState === 'InService' && isUnhealthy(seen.targets);
    if (seen.serving && unhealthy) seen.lapses += 1;
    // What is merely not known now is no lapse, and none that has been counted is counted again.
    if (serving || unhealthy) seen.serving = serving;
    if (!serving) return;
    if (seen.servedAt === undefined) this.#movedAt = now;
    seen.servedAt = now;
  }

  #seeActivity(now: number, activity: ActivityObservation): void {
    this.#activities.set(activity.id, activity);
    if (activity.instanceId === undefined) return;
    if (activity.kind === 'launch' && !isFailedLaunch(activity)) this.#instance(now, activity.instanceId);
    const seen = this.#seen.get(activity.instanceId);
    if (activity.kind !== 'terminate' || !seen) return;
    seen.arrived = true;
    seen.replacedFor = replacedFor(activity.cause) ?? seen.replacedFor;
  }

  #seeGroup(now: number, group: GroupObservation): void {
    this.#group = group;
    const listed = new Map(group.instances.map((instance) => [instance.id, instance]));
    for (const instance of group.instances) {
      if (instance.templateVersion === this.#target.version) this.#instance(now, instance.id);
    }
    for (const [id, seen] of this.#seen) {
      seen.instance = listed.get(id);
      seen.arrived ||= seen.instance !== undefined;
      // A launch for an old version (a rollback's, say) is none of the new ones.
      if (
        seen.instance?.templateVersion !== undefined &&
        seen.instance.templateVersion !== this.#target.version
      ) {
        this.#seen.delete(id);
      } else if (seen.instance?.lifecycleState === 'InService') {
        seen.inServiceAt ??= now;
      }
    }
  }

  #seeTargets(targets: TargetObservation[]): void {
    this.#targets = new Map();
    this.#sawTargets = true;
    for (const target of targets) {
      this.#targets.set(target.instanceId, [...(this.#targets.get(target.instanceId) ?? []), target]);
    }
    for (const [id, seen] of this.#seen) {
      const own = this.#targets.get(id);
      // What was last said about a target that is gone, or on its way out, stays as evidence.
      if (own && !(isLeaving(own) && seen.targets.some(({ state }) => state === 'unhealthy')))
        seen.targets = own;
      if (!own && seen.instance?.lifecycleState === 'InService') seen.targets = [];
    }
  }

  #seeAlarms(now: number, alarms: AlarmObservation[]): void {
    this.#alarms = alarms;
    for (const alarm of alarms) {
      const { name, state } = alarm;
      if (state === 'ALARM') this.#alarmsSeen.set(name, alarm);
      if (state !== 'ALARM') this.#alarmSince.delete(name);
      else if (!this.#alarmSince.has(name)) this.#alarmSince.set(name, now);
    }
  }

  #instance(now: number, id: string): void {
    if (this.#before.has(id) || this.#seen.has(id)) return;
    this.#movedAt = now;
    this.#seen.set(id, {
      instance: undefined,
      firstSeen: now,
      inServiceAt: undefined,
      servedAt: undefined,
      serving: false,
      lapses: 0,
      targets: [],
      marker: undefined,
      replacedFor: undefined,
      arrived: false,
    });
  }

  /** Every instance of the group at the last look; undefined while nobody could see it and its targets. */
  sight(): GroupSight | undefined {
    if (this.#group === undefined || (!this.#sawTargets && this.#group.targetGroupArns.length > 0))
      return undefined;
    return {
      desired: this.#group.desired,
      instances: this.#group.instances.map((instance) => ({
        id: instance.id,
        version: instance.templateVersion,
        serving: this.#serves({ instance, targets: this.#targetsOf(instance.id) }),
        leaving: isTerminating(instance),
      })),
    };
  }

  #targetsOf(id: string): TargetObservation[] {
    return this.#targets.get(id) ?? [];
  }

  #serves({ instance, targets }: Pick<TrackedInstance, 'instance' | 'targets'>): boolean {
    const groups = this.#group?.targetGroupArns ?? [];
    return (
      instance?.lifecycleState === 'InService' &&
      instance.healthStatus.toLowerCase() === 'healthy' &&
      groups.every((arn) => {
        const own = targets.filter((target) => target.targetGroupArn === arn);
        return own.length > 0 && own.every(({ state }) => state === 'healthy');
      })
    );
  }

  facts(now: number, statusReason: string): RolloutFacts {
    const activities = [...this.#activities.values()].sort(
      (a, b) => b.startTime.getTime() - a.startTime.getTime(),
    );
    const failed = activities.filter(isFailedLaunch);
    const [last, first] = [failed[0], failed.at(-1)];
    const old = (this.#group?.instances ?? []).filter(({ id }) => !this.#seen.has(id));
    return {
      desired: this.#group?.desired ?? 0,
      instances: [...this.#seen].map(([id, seen]) => this.#newInstance(now, id, seen)),
      failedLaunches: failed,
      failedLaunchSpan: last && first ? (last.startTime.getTime() - first.startTime.getTime()) / 1000 : 0,
      launchedSince:
        last !== undefined &&
        activities.some(
          (activity) =>
            activity.kind === 'launch' && !isFailedLaunch(activity) && launchedAfter(activity, last),
        ),
      alarms: this.#alarms
        .filter(({ state }) => state === 'ALARM')
        .map((alarm) => ({ ...alarm, seconds: now - (this.#alarmSince.get(alarm.name) ?? now) })),
      alarmsSeen: [...this.#alarmsSeen.values()],
      hooks: this.#hooks,
      suspendedProcesses: (this.#group?.suspendedProcesses ?? []).map(({ name }) => name),
      protectedInstances: old.filter((instance) => instance.protectedFromScaleIn).map(({ id }) => id),
      standbyInstances: old.filter(({ lifecycleState }) => lifecycleState === 'Standby').map(({ id }) => id),
      oldUnhealthy: old.filter(
        ({ id, lifecycleState }) => lifecycleState === 'InService' && isUnhealthy(this.#targetsOf(id)),
      ).length,
      oldServing: old.filter((instance) => this.#serves({ instance, targets: this.#targetsOf(instance.id) }))
        .length,
      quiet: now - this.#movedAt,
      statusReason,
    };
  }

  #newInstance(now: number, id: string, seen: TrackedInstance): NewInstance {
    const serving = this.#serves(seen);
    const since = seen.servedAt ?? seen.inServiceAt;
    return {
      id,
      lifecycleState: seen.instance?.lifecycleState ?? (seen.arrived ? 'gone' : 'Pending'),
      healthStatus: seen.instance?.healthStatus ?? '',
      age: now - seen.firstSeen,
      inService: seen.inServiceAt === undefined ? undefined : now - seen.inServiceAt,
      serving,
      hasServed: seen.servedAt !== undefined,
      lapses: seen.lapses,
      notServing: serving || since === undefined ? 0 : now - since,
      targets: seen.targets,
      marker: seen.marker,
      replacedFor: seen.replacedFor,
      early: this.#early.has(id),
    };
  }
}
