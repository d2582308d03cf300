import { bestEffort, withRetry, type RolloutContext } from '../context/index.ts';
import { evaluateGroup, type GroupEvaluation } from '../model/index.ts';

/** Seconds between two looks while targets settle. */
const interval = 5;

/**
 * Looks at the group until every instance of the new version serves, or `seconds` passed without all of them serving:
 * an instance that a policy just added gets its time. undefined when the group is gone.
 */
export async function verify(context: RolloutContext, seconds: number): Promise<GroupEvaluation | undefined> {
  const { api, clock, run } = context;
  const until = clock.now() + seconds;
  for (;;) {
    const group = await withRetry(context, 'see the group', () => api.group(context.group));
    if (!group) return undefined;
    const targets = await bestEffort(context, 'see the health of the targets', () =>
      api.targets(group.targetGroupArns),
    );
    const verified = targets && evaluateGroup(group, targets, context.target);
    if (verified?.unhealthy.length === 0 && verified.serving.length >= neededCount(verified)) return verified;
    // A success that was not seen is none: without an answer about the targets every instance counts as not serving.
    if (clock.now() >= until) return verified ?? evaluateGroup(group, [], context.target);
    await clock.sleep(interval, run.signal);
    if (run.signal.aborted) return verified ?? evaluateGroup(group, [], context.target);
  }
}

function neededCount({ group, outdated }: GroupEvaluation): number {
  return Math.max(0, group.desired - outdated.length);
}
