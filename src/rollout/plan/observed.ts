import type {
  ActivityObservation,
  GroupObservation,
  RefreshObservation,
  TargetGroupObservation,
} from '../model/index.ts';
import { effectivePercentages } from './batches.ts';
import type { GroupSnapshot } from './snapshot.ts';
import { pausesAfter, replacementSteps, type EstimateInput, type Replacement } from './estimate.ts';

/** Seconds from order to service where the group has launched nothing yet; EC2's own share is about 30 (public measurements). */
const assumedLaunchSeconds = 45;

/** The middle of what recent launches of the group took, in seconds; undefined when it has launched none. */
export function observedLaunchSeconds(activities: readonly ActivityObservation[]): number | undefined {
  return middleOf(activities, 'launch');
}

/** Seconds that a launch takes here: what the group's own launches took, or an assumption. */
export function launchSeconds({ activities }: { activities: readonly ActivityObservation[] }): number {
  return observedLaunchSeconds(activities) ?? assumedLaunchSeconds;
}

/**
 * The middle of what it took lately until an instance was gone, in seconds: until its last connection had ended, its hooks
 * were done and it was terminated. undefined when none has gone.
 */
export function observedTerminationSeconds(activities: readonly ActivityObservation[]): number | undefined {
  return middleOf(activities, 'terminate');
}

function middleOf(
  activities: readonly ActivityObservation[],
  kind: ActivityObservation['kind'],
): number | undefined {
  const seconds = successful(activities, kind)
    .filter(({ endTime }) => endTime !== undefined)
    .map((activity) => ((activity.endTime?.getTime() ?? 0) - activity.startTime.getTime()) / 1000)
    .sort((a, b) => a - b);
  return seconds[Math.floor(seconds.length / 2)];
}

function successful(
  activities: readonly ActivityObservation[],
  wanted: ActivityObservation['kind'],
): ActivityObservation[] {
  return activities.filter(({ kind, statusCode }) => kind === wanted && statusCode === 'Successful');
}

/** A batch that takes no more than so many times what it had to wait for anyway, and so many seconds, tells nothing else. */
const hiding = 1.15;
const latency = 10;

/** What is known of a group before a rollout. */
interface Past {
  refreshes: readonly RefreshObservation[];
  activities: readonly ActivityObservation[];
  group: Pick<
    GroupObservation,
    'desired' | 'maintenancePolicy' | 'defaultInstanceWarmup' | 'healthCheckGracePeriod'
  >;
}

/** How many refreshes are asked: what was long ago had another application. */
const most = 3;

/**
 * Seconds from an instance in service to one that counts, as the last successful refreshes show it: AWS has no time of the
 * first check that passes.
 *
 * @param input what it is to be used for: its launch, drain and warmup
 * @returns the middle of them, for one may have waited for something else; undefined where nothing tells
 */
export function observedServingSeconds(
  past: Past,
  input: Pick<EstimateInput, 'launch' | 'drain' | 'warmup'>,
): number | undefined {
  const seconds = past.refreshes
    .filter(({ status }) => status === 'Successful')
    .slice(0, most)
    .flatMap((refresh) => servingSecondsOf(refresh, past, input) ?? [])
    .sort((a, b) => a - b);
  const [lower, upper] = [(seconds.length - 1) / 2, seconds.length / 2].map((at) => seconds[Math.floor(at)]);
  return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}

/**
 * What each batch of a refresh took beyond launching and draining. undefined where nothing tells, and where a longer warmup
 * of that refresh hides it.
 */
function servingSecondsOf(
  { startTime, endTime, preferences = {} }: RefreshObservation,
  { activities, group }: Past,
  input: Pick<EstimateInput, 'launch' | 'drain' | 'warmup'>,
): number | undefined {
  if (startTime === undefined || endTime === undefined) return undefined;
  const replacement = replacementOf(preferences, group, launchesIn(activities, startTime, endTime));
  if (replacement.toReplace === 0) return undefined;
  const steps = replacementSteps(replacement);
  const surging = steps.filter(({ surge }) => surge > 0).length;
  const waits = pausesAfter(steps, replacement) * (preferences.CheckpointDelay ?? 0);
  const known = waits + (preferences.BakeTime ?? 0) + steps.length * input.launch + surging * input.drain;
  const seconds = (endTime.getTime() - startTime.getTime()) / 1000;
  const each = (seconds - known) / Math.max(1, steps.length);
  const warmup =
    preferences.InstanceWarmup ?? group.defaultInstanceWarmup ?? group.healthCheckGracePeriod ?? 0;
  // Where old instances go meanwhile, their draining may have been what was waited for.
  const hidden = Math.max(warmup, surging < steps.length ? input.drain - input.launch : 0);
  return input.warmup >= hidden || each > hiding * hidden + latency ? Math.max(0, each) : undefined;
}

/** @param launched by the refresh; undefined where that is not known, and the group is taken to have been as it is */
function replacementOf(
  preferences: NonNullable<RefreshObservation['preferences']>,
  group: Past['group'],
  launched: number | undefined,
): Replacement {
  const toReplace = launched ?? group.desired;
  const checkpoints = preferences.CheckpointPercentages ?? [];
  const isAll = preferences.SkipMatching !== true && (checkpoints.at(-1) ?? 100) === 100;
  const { MinHealthyPercentage: minHealthyPercentage, MaxHealthyPercentage: maxHealthyPercentage } =
    preferences;
  return {
    // The group may have been of another size.
    desired: isAll ? toReplace : Math.max(group.desired, toReplace),
    percentages: effectivePercentages(
      { minHealthyPercentage, maxHealthyPercentage },
      group.maintenancePolicy,
    ),
    ...{ toReplace, checkpoints },
  };
}

/** Launches between two moments; undefined where the activities do not reach back that far. */
function launchesIn(activities: readonly ActivityObservation[], from: Date, to: Date): number | undefined {
  if (!activities.some(({ startTime }) => startTime < from)) return undefined;
  return successful(activities, 'launch').filter(({ startTime }) => startTime >= from && startTime <= to)
    .length;
}

/** What this group's instances took lately, and where there were none, what the settings say. Pure. */
export function observed(
  snapshot: Past & { targetGroups: readonly Pick<TargetGroupObservation, 'deregistrationDelaySeconds'>[] },
  warmup: number,
): Pick<EstimateInput, 'launch' | 'drain' | 'serving'> {
  const launch = launchSeconds(snapshot);
  const drain =
    observedTerminationSeconds(snapshot.activities) ?? slowest(snapshot)?.deregistrationDelaySeconds ?? 0;
  const serving = observedServingSeconds(snapshot, { launch, drain, warmup });
  return { launch, drain, ...(serving !== undefined && { serving }) };
}

/** undefined where instances have gone, and it is known how long that takes. */
export function drainFrom(snapshot: Pick<GroupSnapshot, 'activities' | 'targetGroups'>): string | undefined {
  return observedTerminationSeconds(snapshot.activities) === undefined
    ? `target group ${slowest(snapshot)?.name ?? ''}`
    : undefined;
}

function slowest<T extends Pick<TargetGroupObservation, 'deregistrationDelaySeconds'>>({
  targetGroups,
}: {
  targetGroups: readonly T[];
}): T | undefined {
  return targetGroups.toSorted(
    (one, other) => other.deregistrationDelaySeconds - one.deregistrationDelaySeconds,
  )[0];
}
