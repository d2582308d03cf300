import { bestEffort, type RolloutContext } from '../context/index.ts';
import type { GroupObservation } from '../model/index.ts';
import { isTerminating } from '../model/index.ts';
import type { RolloutTracker } from './tracker.ts';

/** Consoles read in one look, whatever the size of the group: the first bad instances tell the story, else the oldest. */
const consolesAtOnce = 3;
/** Seconds that an instance gets before its console is read, unless it has given itself up already. */
const consoleAfter = 10;

export interface ObserveRequest {
  /** Lower bound for activities, by AWS's clock. */
  since: Date | undefined;
  alarms: string[];
  /** Whether consoles of new instances are read. */
  consoles: boolean;
}

/**
 * Reads everything around the refresh into the tracker; the number of calls does not grow with the group.
 * @returns whether the group is gone, or on its way out
 */
export async function observe(
  context: RolloutContext,
  tracker: RolloutTracker,
  request: ObserveRequest,
): Promise<{ gone: boolean }> {
  const { api, clock } = context;
  const { since } = request;
  const { group, gone } = await readGroup(context);
  if (gone) return { gone };
  const arns = (group ?? tracker.group)?.targetGroupArns ?? [];
  const [targets, activities, alarms] = await Promise.all([
    bestEffort(context, 'see the health of the targets', () => api.targets(arns)),
    since
      ? bestEffort(context, 'see the activities', () =>
          api.activities(context.group, since, tracker.knownActivities),
        )
      : undefined,
    request.alarms.length > 0
      ? bestEffort(context, 'see the alarms', () => api.alarms(request.alarms))
      : undefined,
  ]);
  tracker.see(clock.now(), { group, targets, activities, alarms });
  // Of two groups, who reads both of them takes note of both.
  if (context.groups === undefined) context.course.see(clock.now(), tracker.sight());
  if (request.consoles) await readConsoles(context, tracker);
  return { gone };
}

/** The group when it can be seen. It is only gone when AWS said so: no answer says nothing. */
export async function readGroup(
  context: RolloutContext,
): Promise<{ group: GroupObservation | undefined; gone: boolean }> {
  const answer = await bestEffort(context, 'see the group', async () => ({
    group: await context.api.group(context.group),
  }));
  return { group: answer?.group, gone: answer !== undefined && answer.group === undefined };
}

async function readConsoles(context: RolloutContext, tracker: RolloutTracker): Promise<void> {
  const { api, clock } = context;
  const { instances } = tracker.facts(clock.now(), '');
  const bad = instances
    .filter(
      (each) =>
        !each.serving &&
        each.marker?.outcome !== 'failed' &&
        (each.age >= consoleAfter || [1, 3].includes(rank(each))),
    )
    // Those that AWS takes away first: their console goes with them.
    .sort((a, b) => rank(b) - rank(a));
  // A container that ends and is started again may look healthy all the time: only the console tells.
  const serving = instances.filter((each) => each.serving);
  const consoles = await Promise.all(
    [...bad, ...serving].slice(0, consolesAtOnce).map(async ({ id }) => {
      const text = await bestEffort(context, `read the console of ${id}`, () => api.console(id));
      return { instanceId: id, text: text ?? '' };
    }),
  );
  tracker.see(clock.now(), { consoles });
}

function rank({
  lifecycleState,
  replacedFor,
  healthStatus,
  marker,
}: {
  lifecycleState: string;
  replacedFor: unknown;
  healthStatus: string;
  marker: unknown;
}): number {
  if (lifecycleState === 'gone') return marker === undefined && replacedFor !== undefined ? 1 : -1;
  // The activity may be younger than the list of the group, which then still has it as it was.
  const leaving = replacedFor !== undefined || isTerminating({ lifecycleState });
  return leaving || healthStatus.toLowerCase() === 'unhealthy' ? 3 : 2;
}
