import {
  bestEffort,
  pollUntil,
  unansweredSeconds,
  withRetry,
  type RolloutContext,
} from '../context/index.ts';
import { evaluateGroup, type GroupEvaluation } from '../model/index.ts';

/** Seconds between two readings while targets settle. */
const interval = 5;

/**
 * Reads the group until every instance of the new version serves, or `seconds` passed without all of them serving: an
 * instance that a policy just added gets its time. A success that was not seen is none: without an answer about the
 * targets every instance counts as not serving.
 *
 * @returns the last evaluation, also when the job is cancelled meanwhile; 'gone' when there is no group any more
 */
export async function verify(context: RolloutContext, seconds: number): Promise<GroupEvaluation | 'gone'> {
  const { clock } = context;
  const until = clock.now() + seconds;
  let last: Reading | undefined;
  const whatever = async (): Promise<GroupEvaluation | 'gone'> =>
    (last ?? (await withRetry(context, what, () => readEvaluation(context)))).evaluation;
  return pollUntil<Reading, GroupEvaluation | 'gone'>(context, {
    what,
    read: () => readEvaluation(context),
    evaluate: (reading) => {
      last = reading;
      return reading.settled ? reading.evaluation : undefined;
    },
    interval: () => interval,
    deadline: () => until,
    onDeadline: whatever,
    onCancel: whatever,
    unansweredSeconds,
  });
}

const what = 'see the group';

interface Reading {
  evaluation: GroupEvaluation | 'gone';
  /** Nothing is waited for. */
  settled: boolean;
}

async function readEvaluation(context: RolloutContext): Promise<Reading> {
  const { api, target } = context;
  const group = await api.group(context.group);
  if (!group) return { evaluation: 'gone', settled: true };
  const targets = await bestEffort(context, 'see the health of the targets', () =>
    api.targets(group.targetGroupArns),
  );
  const evaluation = evaluateGroup(group, targets ?? [], target);
  const needed = Math.max(0, group.desired - evaluation.outdated.length);
  const settled =
    targets !== undefined && evaluation.unhealthy.length === 0 && evaluation.serving.length >= needed;
  return { evaluation, settled };
}
