import type {
  ActivityObservation,
  AlarmObservation,
  GroupObservation,
  NewInstance,
  RolloutFacts,
  TargetGroupObservation,
} from '../model/index.ts';
import { hookFailure, launchFailure, type LaunchFailure } from '../model/index.ts';
import type { SmokeFailure } from '../smoke-test/index.ts';

/** How long the verdict waits before it may condemn, in seconds. */
export interface VerdictTimeouts {
  /** For a new instance that is in service and does not serve. */
  instance: number;
  /** For a new instance that a launch hook holds. */
  hook: number;
  /** For a rollout in which nothing moves at all. */
  stall: number;
}

/** What is wrong with a rollout that will not succeed; diagnose.ts puts it into words. */
export type Cause =
  | { kind: 'boot'; failed: NewInstance[]; total: number }
  | { kind: 'replaced'; replaced: NewInstance[]; total: number }
  | { kind: 'unhealthy'; unhealthy: NewInstance[]; total: number }
  | { kind: 'unstable'; unstable: NewInstance[]; total: number }
  | { kind: 'restarted'; restarted: NewInstance[]; total: number }
  | { kind: 'launch'; failure: LaunchFailure; activities: ActivityObservation[] }
  | {
      kind: 'hook';
      how: 'abandoned' | 'timed-out' | 'waiting';
      instances: string[];
      activities: ActivityObservation[];
    }
  | { kind: 'alarm'; alarms: AlarmObservation[] }
  | { kind: 'stalled'; quiet: number; facts: RolloutFacts }
  | { kind: 'smoke'; failure: SmokeFailure }
  /** Beside the version before it is worse, or nobody can tell and that is not to be gone on with. */
  | { kind: 'judged'; verdict: 'bad' | 'inconclusive'; because: string; weight: number }
  /** AWS refused a step of the rollout for good. */
  | { kind: 'refused'; what: string; said: string }
  | { kind: 'unknown' };

export type Verdict = { kind: 'keep-waiting'; waitingFor: string } | { kind: 'condemn'; cause: Cause };

/** Deaths of new instances that condemn while none of them serves; one may be the machine's fault. */
const deathsThatCondemn = 2;
/** Failed launches that condemn when trying again can't help. */
const permanentFailuresThatCondemn = 2;
/** Failed launches that condemn when trying again may help, together with a span of time. */
const passingFailuresThatCondemn = 3;
/** Seconds that AWS gets to act on its own guard alarm. */
const alarmSeconds = 60;
/** Slack for reports that arrive late. */
const marginSeconds = 60;

/**
 * The timeouts of the verdict, in seconds, from what the group itself allows an instance: the longer of its grace period
 * and the warmup, then the checks that a load balancer needs to call a target unhealthy. At least 3 minutes for an
 * instance in service, 15 for one that a launch hook holds, 20 for a rollout in which nothing moves.
 *
 * @param given the input `unhealthy-timeout`, which replaces the first two; the rollout's warmup and checkpoint delay
 */
export function verdictTimeouts(
  group: Pick<GroupObservation, 'healthCheckGracePeriod'>,
  targetGroups: TargetGroupObservation[],
  given: {
    unhealthyTimeout?: number | undefined;
    warmup?: number | undefined;
    checkpointDelay?: number | undefined;
  } = {},
): VerdictTimeouts {
  const detection = Math.max(
    0,
    ...targetGroups.map((each) => each.intervalSeconds * each.unhealthyThreshold),
  );
  const allowed = Math.max(group.healthCheckGracePeriod, given.warmup ?? 0) + detection + marginSeconds;
  const drain = Math.max(0, ...targetGroups.map((each) => each.deregistrationDelaySeconds));
  const instance = given.unhealthyTimeout ?? Math.max(180, allowed);
  return {
    instance,
    hook: given.unhealthyTimeout ?? Math.max(900, allowed),
    stall: Math.max(1200, 3 * instance) + drain + (given.checkpointDelay ?? 0),
  };
}

/**
 * Whether this rollout can still succeed, from what was seen. Pure.
 *
 * It condemns on facts that repeat (boots that failed, instances replaced for failed checks, launches that can't
 * work), or on a new instance that was in service longer than the unhealthy timeout without serving. An instance that merely takes its time
 * within the timeout is never held against the rollout, nor is a dud among many that serve.
 */
export function evaluateRollout(facts: RolloutFacts, timeouts: VerdictTimeouts): Verdict {
  const cause =
    bootCause(facts) ??
    launchCause(facts, timeouts) ??
    hookCause(facts, timeouts) ??
    replacedCause(facts) ??
    unhealthyCause(facts, timeouts) ??
    restartedCause(facts) ??
    unstableCause(facts) ??
    alarmCause(facts) ??
    stallCause(facts, timeouts);
  return cause ? { kind: 'condemn', cause } : { kind: 'keep-waiting', waitingFor: waitingFor(facts) };
}

/**
 * The likeliest cause of a rollout that AWS itself has failed or rolled back, with what it `said`: the same signs, each enough when seen
 * once, alarms first because AWS acts on them at once.
 */
export function likeliestCause(facts: RolloutFacts, said = ''): Cause {
  const { instances, failedLaunches, alarms } = facts;
  const failed = failedBoots(facts);
  const replaced = instances.filter((each) => each.replacedFor);
  const unhealthy = instances.filter((each) => !each.serving && each.inService !== undefined);
  if (alarms.length > 0 || /\balarm/i.test(said)) return { kind: 'alarm', alarms };
  if (failed.length > 0) return { kind: 'boot', failed, total: booted(facts) };
  const hook = hookActivities(facts);
  if (hook) return hook;
  const launch = failedLaunches[0];
  if (launch && !facts.launchedSince) {
    return { kind: 'launch', failure: launchFailure(launch.statusMessage), activities: failedLaunches };
  }
  const restarted = restartedCause(facts);
  if (restarted) return restarted;
  if (replaced.length > 0) return { kind: 'replaced', replaced, total: shown(facts) };
  if (unhealthy.length > 0) return { kind: 'unhealthy', unhealthy, total: shown(facts) };
  const held = instances.filter(({ lifecycleState }) => lifecycleState === 'Pending:Wait');
  if (held.length > 0)
    return { kind: 'hook', how: 'waiting', instances: held.map(({ id }) => id), activities: [] };
  if (facts.protectedInstances.length + facts.standbyInstances.length + facts.suspendedProcesses.length > 0) {
    return { kind: 'stalled', quiet: facts.quiet, facts };
  }
  return { kind: 'unknown' };
}

/** Enough bad ones to condemn: two while none serves; among serving ones, three and more than serve. */
function outweigh(bad: number, facts: RolloutFacts): boolean {
  const serving = facts.instances.filter((instance) => instance.serving).length;
  return serving === 0 ? bad >= deathsThatCondemn : bad > deathsThatCondemn && bad > serving;
}

/** Instances whose boot failed, those with the proof on their console first: user data marks its own instance unhealthy. */
function failedBoots({ instances }: RolloutFacts): NewInstance[] {
  const own = instances.filter(({ early }) => !early);
  const proven = own.filter(({ marker }) => marker?.outcome === 'failed');
  const alike = own.filter((each) => each.replacedFor === 'user' && each.marker === undefined);
  return proven.length > 0 ? [...proven, ...alike] : [];
}

/** New instances that have shown something already: those that still start say nothing. */
function shown({ instances }: RolloutFacts): number {
  return instances.filter(
    ({ early, inService, replacedFor, marker }) =>
      !early && [inService, replacedFor, marker].some((sign) => sign !== undefined),
  ).length;
}

/** New instances whose boot has ended, one way or the other. */
function booted({ instances }: RolloutFacts): number {
  return instances.filter(
    ({ early, marker, replacedFor, hasServed }) =>
      !early && (marker !== undefined || replacedFor !== undefined || hasServed),
  ).length;
}

function bootCause(facts: RolloutFacts): Cause | undefined {
  const failed = failedBoots(facts);
  return outweigh(failed.length, facts) ? { kind: 'boot', failed, total: booted(facts) } : undefined;
}

function launchCause(facts: RolloutFacts, timeouts: VerdictTimeouts): Cause | undefined {
  const activities = facts.failedLaunches.filter(
    ({ statusMessage }) => hookFailure(statusMessage) === undefined,
  );
  const last = activities[0];
  if (last === undefined || facts.launchedSince) return undefined;
  const failure = launchFailure(last.statusMessage);
  const enough = failure.permanent
    ? activities.length >= permanentFailuresThatCondemn
    : activities.length >= passingFailuresThatCondemn && facts.failedLaunchSpan >= timeouts.instance;
  return enough ? { kind: 'launch', failure, activities } : undefined;
}

function hookActivities(facts: RolloutFacts): Extract<Cause, { kind: 'hook' }> | undefined {
  const activities = facts.failedLaunches.filter(
    ({ statusMessage }) => hookFailure(statusMessage) !== undefined,
  );
  if (activities.length === 0) return undefined;
  const timedOut = activities.some(({ statusMessage }) => hookFailure(statusMessage) === 'timed-out');
  const instances = activities.flatMap(({ instanceId }) => instanceId ?? []);
  return { kind: 'hook', how: timedOut ? 'timed-out' : 'abandoned', instances, activities };
}

function hookCause(facts: RolloutFacts, timeouts: VerdictTimeouts): Cause | undefined {
  const ended = hookActivities(facts);
  // A heartbeat that timed out cost its whole time already; the next one would too.
  if (
    ended &&
    !facts.launchedSince &&
    (ended.how === 'timed-out' || ended.activities.length >= deathsThatCondemn)
  ) {
    return ended;
  }
  const held = facts.instances.filter(
    (each) => each.lifecycleState === 'Pending:Wait' && each.age >= timeouts.hook,
  );
  const passed = facts.instances.some((each) => each.inService !== undefined);
  if (held.length === 0 || passed) return undefined;
  return { kind: 'hook', how: 'waiting', instances: held.map(({ id }) => id), activities: [] };
}

function replacedCause(facts: RolloutFacts): Cause | undefined {
  const replaced = facts.instances.filter(
    (instance) => instance.replacedFor !== undefined && !instance.early,
  );
  return outweigh(replaced.length, facts) ? { kind: 'replaced', replaced, total: shown(facts) } : undefined;
}

function unhealthyCause(facts: RolloutFacts, timeouts: VerdictTimeouts): Cause | undefined {
  const unhealthy = facts.instances.filter(
    (instance) => instance.lifecycleState === 'InService' && instance.notServing >= timeouts.instance,
  );
  const serving = facts.instances.filter((instance) => instance.serving).length;
  // One is enough here: it had all the time that its group allows, and more.
  const enough = unhealthy.length > 0 && unhealthy.length > serving;
  return enough ? { kind: 'unhealthy', unhealthy, total: shown(facts) } : undefined;
}

/**
 * Instances that served and then did not: one lapse may be anybody's, and where old instances lapse as well it is not
 * the version's.
 */
function unstableCause(facts: RolloutFacts): Cause | undefined {
  const own = facts.instances.filter(({ early }) => !early);
  const unstable = own.filter(({ lapses }) => lapses > 0);
  const lapses = unstable.reduce((sum, each) => sum + each.lapses, 0);
  const steady = own.filter((each) => each.serving && each.lapses === 0).length;
  if (lapses < 2 || unstable.length <= steady || facts.oldUnhealthy > 0) return undefined;
  return { kind: 'unstable', unstable, total: shown(facts) };
}

/**
 * Containers that ended after they were healthy and were started again, often too fast for a health check to notice.
 * One end may be anybody's. Only instances whose console was read count, for and against.
 */
export function restartedCause(facts: RolloutFacts): Extract<Cause, { kind: 'restarted' }> | undefined {
  const read = facts.instances.filter(({ early, marker }) => !early && marker !== undefined);
  const restarted = read.filter(({ marker }) => marker?.outcome === 'restarted');
  const restarts = restarted.reduce((sum, { marker }) => sum + (marker?.restarts ?? 0), 0);
  const steady = read.filter(({ marker }) => marker?.outcome === 'ok').length;
  if (restarts < 2 || restarted.length <= steady || facts.oldUnhealthy > 0) return undefined;
  return { kind: 'restarted', restarted, total: read.length };
}

function alarmCause(facts: RolloutFacts): Cause | undefined {
  const alarms = facts.alarms.filter(({ seconds }) => seconds >= alarmSeconds);
  return alarms.length > 0 ? { kind: 'alarm', alarms } : undefined;
}

function stallCause(facts: RolloutFacts, timeouts: VerdictTimeouts): Cause | undefined {
  return facts.quiet >= timeouts.stall ? { kind: 'stalled', quiet: facts.quiet, facts } : undefined;
}

/** What the rollout waits for, as half a sentence for the heartbeat; '' when there is nothing to tell. */
export function waitingFor(facts: RolloutFacts): string {
  const unhealthy = facts.instances.find((each) => each.lifecycleState === 'InService' && !each.serving);
  if (unhealthy) {
    const target = unhealthy.targets.find(({ state }) => state !== 'healthy');
    const why = target ? [target.reason || target.state, target.description].filter(Boolean).join(', ') : '';
    return `waiting for ${unhealthy.id} to become healthy${why ? ` (${why})` : ''}`;
  }
  const held = facts.instances.find(({ lifecycleState }) => lifecycleState === 'Pending:Wait');
  if (held) return `waiting for a launch hook to let ${held.id} in`;
  const pending = facts.instances.find(({ lifecycleState }) => lifecycleState.startsWith('Pending'));
  if (pending) return `waiting for ${pending.id} to start`;
  const failed = facts.failedLaunches[0];
  if (failed && !facts.launchedSince) return 'waiting for a launch to succeed';
  return facts.statusReason === '' ? '' : `AWS says: ${facts.statusReason}`;
}
