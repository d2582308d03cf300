import { expect, it } from '@jest/globals';
import { checkScaleIn } from '../../../src/rollout/rolling/pause-scale-in.ts';
import { group, settings } from '../helpers/observations.ts';
import { healthyGroup } from '../helpers/simulated-aws.ts';

const five = { desired: 5, minSize: 2, maxSize: 10 };
const warned = /1 of 5 \(20 %\) of the instances are new at the pause, and 1 of 2 \(50 %\) then/;

it.each<[string, Parameters<typeof group>[0], number | undefined, RegExp | undefined]>([
  ['takes the oldest version first', { ...five, terminationPolicies: ['OldestLaunchTemplate'] }, 20, warned],
  ['takes the oldest first', { ...five, terminationPolicies: ['OldestInstance', 'Default'] }, 20, warned],
  ['does what AWS does by default', { ...five, terminationPolicies: ['Default'] }, 20, warned],
  ['does so where AWS names no policy', { ...five, terminationPolicies: [] }, 20, warned],
  ['may leave nothing but the new ones', { ...five, minSize: 1 }, 40, /and 2 of 2 \(100 %\) then/],
  ['takes the newest first', { ...five, terminationPolicies: ['NewestInstance'] }, 20, undefined],
  ['cannot be, for the group is at its minimum', { ...five, minSize: 5 }, 20, undefined],
  ['is no matter without a pause', five, undefined, undefined],
  ['is no matter of a pause that is refused', { ...five, desired: 1, minSize: 0 }, 20, undefined],
])('a scale-in while a person thinks %s', (_what, change, pauseAt, why) => {
  const asked = { group: group(change), settings: settings(pauseAt === undefined ? {} : { pauseAt }) };
  const found = checkScaleIn(asked);
  expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual(
    why === undefined ? [] : ['warning pause-scale-in'],
  );
  if (why !== undefined) expect(found[0]?.why).toMatch(why);
});

it('is warned of before a rollout that pauses', async () => {
  const world = await healthyGroup({ instances: 5 });
  await world.api.setSizes('shop-prod', { minSize: 2 });
  await world.rollOut(2, { pauseAt: 20, minHealthyPercentage: 100, maxHealthyPercentage: 110 });
  expect(world.warnings.join('\n')).toMatch(
    /the group may shrink from 5 to 2 instances while the rollout waits for a person, and its termination policy Default ends those of version 1 first/,
  );
});
