import type { BlueGreenOutputs } from '../../core/index.ts';
import { bestEffort, type RolloutContext } from '../context/index.ts';
import type { RolloutMark } from '../model/index.ts';
import { readFleets } from './sides.ts';
import { isMarked, type Side } from './state.ts';

/**
 * Says on the group that is filled what a rollout brings there, before it launches: versions alone do not tell a rollback
 * that comes up from an old fleet that is still there. A role that may not is warned, and goes on.
 */
export async function markRollout(context: RolloutContext, { from, to }: { from: Side; to: Side }) {
  const mark = { from: from.version, to: context.target.version };
  await Promise.all([
    from.group.rollout === undefined ? undefined : set(context, from.name, undefined),
    isMarked(to.group, mark) ? undefined : set(context, to.name, mark),
  ]);
}

/** Takes the mark away from both groups: nothing is under way any more. */
export async function unmarkRollout(context: RolloutContext, outputs: BlueGreenOutputs): Promise<void> {
  const fleets = await bestEffort(context, 'see both groups', () => readFleets(context.api, outputs));
  const marked = fleets?.sides.filter(({ group }) => group.rollout !== undefined) ?? [];
  await Promise.all(marked.map(({ name }) => set(context, name, undefined)));
}

function set(
  context: RolloutContext,
  group: string,
  mark: RolloutMark | undefined,
): Promise<void | undefined> {
  return bestEffort(context, 'tag the groups with where a rollout goes', () =>
    context.api.setRolloutTo(group, mark),
  );
}
