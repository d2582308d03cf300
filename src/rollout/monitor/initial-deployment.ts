import { duration } from '../../core/index.ts';
import { pollUntil, type RolloutContext } from '../context/index.ts';
import { afterNewest, type RolloutFacts } from '../model/index.ts';
import type { GroupSnapshot } from '../plan/index.ts';
import { evaluateRollout, type Cause, type VerdictTimeouts } from '../verdict/index.ts';
import { heartbeatSeconds } from './monitor.ts';
import { observe } from './observe.ts';
import { nextPoll } from './poll-interval.ts';
import { changeLine, heartbeatLine, nothingShown, type ProgressInput } from './progress.ts';
import { RolloutTracker } from './tracker.ts';

/** How it ended when instances had only to come up; `facts` is what was known then. */
export type InitialDeploymentEnd = { facts: RolloutFacts } & InitialDeploymentEndKind;

type InitialDeploymentEndKind =
  | { kind: 'up' }
  /** Instances that were there before do not serve, and nothing takes them away. */
  | { kind: 'stuck'; instances: string[] }
  | { kind: 'condemned'; cause: Cause }
  | { kind: 'timeout' }
  | { kind: 'cancelled' }
  /** Somebody deleted the group. */
  | { kind: 'gone' };

/** Seconds between two readings at most: a first deployment is short, and somebody waits for it. */
const longestPause = 10;

export interface InitialDeploymentRequest {
  timeouts: VerdictTimeouts;
  /** Seconds that it probably takes. */
  expected: number;
  /** True where this run has made the group; else what happened before it began says nothing. */
  fresh: boolean;
}

/**
 * Monitors instances of the target version while they come up where nothing has to be replaced (a first deployment, or
 * one that failed before and is being mended), with the verdict that a rollout has.
 */
export function monitorInitialDeployment(
  context: RolloutContext,
  snapshot: GroupSnapshot,
  { timeouts, expected, fresh }: InitialDeploymentRequest,
): Promise<InitialDeploymentEnd> {
  const { clock, target } = context;
  const began = clock.now();
  const known = fresh ? {} : { early: snapshot.group.instances.map(({ id }) => id) };
  const tracker = new RolloutTracker(target, began, known);
  tracker.hooks(snapshot.hooks);
  const since = sinceWhen(snapshot, fresh);
  let shown = nothingShown;
  const input = (): ProgressInput => ({
    elapsed: clock.now() - began,
    progress: undefined,
    facts: tracker.facts(clock.now(), ''),
    version: target.version,
    remaining: undefined,
    isRollback: false,
  });
  const end = (kind: InitialDeploymentEndKind, { facts } = input()): InitialDeploymentEnd => ({
    ...kind,
    facts,
  });
  return pollUntil<{ gone: boolean }, InitialDeploymentEnd>(context, {
    what: 'see the group',
    read: () => observe(context, tracker, { since, alarms: [], consoles: true }),
    evaluate: ({ gone }, say) => {
      const seen = input();
      if (gone) return end({ kind: 'gone' }, seen);
      const change = changeLine(seen, shown);
      if (change) say(change.line);
      shown = change?.shown ?? shown;
      const kind = tracker.group && evaluate(seen.facts, timeouts);
      return kind && end(kind, seen);
    },
    interval: () => Math.min(longestPause, nextPoll(clock.now() - began, 0, expected)),
    deadline: () => context.deadline,
    onDeadline: () => end({ kind: 'timeout' }),
    onCancel: () => end({ kind: 'cancelled' }),
    heartbeat: {
      seconds: heartbeatSeconds,
      line: () => {
        const seen = input();
        return heartbeatLine(seen, seen.facts.quiet);
      },
    },
  });
}

function evaluate(facts: RolloutFacts, timeouts: VerdictTimeouts): InitialDeploymentEndKind | undefined {
  const serving = facts.instances.filter((instance) => instance.serving).length;
  if (serving >= facts.desired) return { kind: 'up' };
  const instances = stuckInstances(facts, timeouts);
  if (instances.length > 0) return { kind: 'stuck', instances };
  const verdict = evaluateRollout(facts, timeouts);
  return verdict.kind === 'condemn' ? { kind: 'condemned', cause: verdict.cause } : undefined;
}

/** Instances of an earlier run that had all the time their group allows, and that Auto Scaling still leaves alone. */
function stuckInstances({ instances }: RolloutFacts, timeouts: VerdictTimeouts): string[] {
  return instances
    .filter(
      ({ early, lifecycleState, notServing }) =>
        early && lifecycleState === 'InService' && notServing >= timeouts.instance,
    )
    .map(({ id }) => id);
}

/** From the group's making on; for a group that was there before, only what happens from now on: what failed before may be mended. */
function sinceWhen({ group, activities }: GroupSnapshot, fresh: boolean): Date | undefined {
  if (fresh && group.createdAt) return group.createdAt;
  return afterNewest(activities);
}

/** "3 of 3 instances are healthy after 1 min 2 s" */
export function initialDeploymentSentence(facts: RolloutFacts, seconds: number): string {
  const serving = facts.instances.filter((instance) => instance.serving).length;
  return `${serving} of ${facts.desired} instances are healthy after ${duration(seconds)}`;
}
