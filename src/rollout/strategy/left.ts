import { bestEffort, type RolloutContext } from '../context/index.ts';
import { isTerminating, type InstanceObservation, type RolloutTarget } from '../model/index.ts';
import type { StateLeft } from './strategy.ts';

/** Which versions the instances run now, of both groups where there are two: "all 6 instances run version 41 again". */
export async function describeLeft(context: RolloutContext): Promise<StateLeft> {
  const { api, group, groups = [group], target } = context;
  const found = await Promise.all(
    groups.map((name) => bestEffort(context, 'see the group', () => api.group(name))),
  );
  if (found.some((each) => each === undefined))
    return { text: 'which instances run now could not be read', instances: [] };
  const staying = found.flatMap((each) => each?.instances ?? []).filter((each) => !isTerminating(each));
  return { text: versionsText(staying, target), instances: staying.map(({ id }) => id) };
}

function versionsText(instances: InstanceObservation[], { version, previousVersion }: RolloutTarget): string {
  const counts = new Map<string, number>();
  for (const { templateVersion } of instances) {
    const name = templateVersion === undefined ? 'no template version' : `version ${templateVersion}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [only] = counts.keys();
  if (only === undefined) return 'the group has no instance now';
  const total = instances.length;
  if (counts.size === 1 && previousVersion !== undefined && only === `version ${previousVersion}`) {
    const all =
      total === 1 ? 'the only instance runs' : `${total === 2 ? 'both' : `all ${total}`} instances run`;
    return previousVersion === version ? `${all} ${only}` : `${all} ${only} again`;
  }
  return [...counts].map(([name, count]) => `${count} of ${total} instances run ${name}`).join(', ');
}
