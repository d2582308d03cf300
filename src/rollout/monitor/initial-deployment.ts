import { duration } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import { nextPoll } from './poll-interval.ts';
import type { RolloutFacts } from '../model/index.ts';
import { RolloutTracker } from './tracker.ts';
import { observe } from './observe.ts';
import { changeLine, heartbeatLine, nothingShown, type ShownState } from './progress.ts';
import type { GroupSnapshot } from '../plan/index.ts';
import { verdict, type Cause, type VerdictTimeouts } from '../verdict/index.ts';

export type InitialDeploymentEnd = { facts: RolloutFacts } & (
  | { kind: 'up' }
  /** Instances that were there before do not serve, and nothing takes them away. */
  | { kind: 'stuck'; instances: string[] }
  | { kind: 'condemned'; cause: Cause }
  | { kind: 'timeout' }
  | { kind: 'cancelled' }
  /** Somebody deleted the group. */
  | { kind: 'gone' }
);

/** Seconds between two looks at most: a first deployment is short, and somebody waits for it. */
const longestPause = 10;
const heartbeatSeconds = 45;

/**
 * Watches instances of the target version come up where no refresh is needed (a first deployment, or one that failed
 * before and is being mended), with the verdict that a refresh has.
 */
export async function monitorInitialDeployment(
  context: RolloutContext,
  scene: GroupSnapshot,
  { timeouts, expected, fresh }: { timeouts: VerdictTimeouts; expected: number; fresh: boolean },
): Promise<InitialDeploymentEnd> {
  const { clock, run } = context;
  const began = clock.now();
  const history = new RolloutTracker(
    context.target,
    began,
    fresh ? {} : { early: scene.group.instances.map(({ id }) => id) },
  );
  history.hooks(scene.hooks);
  const since = sinceWhen(scene, fresh);
  let shown: ShownState = nothingShown;
  let saidAt = began;
  for (;;) {
    const { gone } = await observe(context, history, { since, alarms: [], consoles: true });
    const now = clock.now();
    const elapsed = now - began;
    const facts = history.facts(now, '');
    if (gone) return { kind: 'gone', facts };
    const input = {
      elapsed,
      refresh: undefined,
      facts,
      version: context.target.version,
      remaining: undefined,
    };
    const change = changeLine(input, shown);
    if (change || now - saidAt >= heartbeatSeconds) {
      saidAt = now;
      shown = change?.shown ?? shown;
      run.log.line(change?.line ?? heartbeatLine(input, facts.quiet));
    }
    const decided = verdict(facts, timeouts);
    const serving = facts.instances.filter((instance) => instance.serving).length;
    if (serving >= facts.desired && history.group) return { kind: 'up', facts };
    const stuck = stuckInstances(facts, timeouts);
    if (stuck.length > 0) return { kind: 'stuck', instances: stuck, facts };
    if (decided.kind === 'condemn') return { kind: 'condemned', cause: decided.cause, facts };
    if (run.signal.aborted) return { kind: 'cancelled', facts };
    if (now >= context.deadline) return { kind: 'timeout', facts };
    await clock.sleep(Math.min(longestPause, nextPoll(elapsed, 0, expected)), run.signal);
  }
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
  const newest = activities[0]?.startTime;
  return newest && new Date(newest.getTime() + 1);
}

/** "3 of 3 instances are healthy after 1 min 2 s" */
export function initialDeploymentSentence(facts: RolloutFacts, seconds: number): string {
  const serving = facts.instances.filter((instance) => instance.serving).length;
  return `${serving} of ${facts.desired} instances are healthy after ${duration(seconds)}`;
}
