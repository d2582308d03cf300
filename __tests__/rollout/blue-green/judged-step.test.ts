import { expect, it } from '@jest/globals';
import { twoGroupWorld } from '../helpers/simulated-aws.ts';
import { rollOut } from './helpers.ts';

it('asks for the metrics a few times a minute, however often the groups are looked at', async () => {
  const world = await twoGroupWorld({ instances: 3 });
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  await rollOut(world, 2, { stepTime: 600, trafficSteps: [50, 100] });
  const asked = world.calls.filter(({ name }) => name === 'traffic').map(({ at }) => at);
  const minutes = ((asked.at(-1) ?? 0) - (asked[0] ?? 0)) / 60;
  expect(minutes).toBeGreaterThan(9);
  expect(asked.length / minutes).toBeLessThanOrEqual(4);
});
