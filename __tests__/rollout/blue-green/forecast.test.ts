import { describe, expect, it } from '@jest/globals';
import { stepsAhead } from '../../../src/rollout/blue-green/forecast.ts';
import { twoGroupWorld } from '../helpers/simulated-aws.ts';
import { rollOut } from './helpers.ts';

describe('the steps that are ahead', () => {
  const steps = [10, 50, 100];
  it.each<[string, number, number | undefined, boolean, number[]]>([
    ['all of them', 0, undefined, true, [10, 50, 100]],
    ['those above what it has', 10, undefined, true, [50, 100]],
    ['those up to the place to pause, which is one', 0, 30, true, [10, 30]],
    ['those up to a step to pause at', 0, 50, true, [10, 50]],
    ['none but the place to pause, where it is', 30, 30, true, [30]],
    ['those behind the place to pause', 40, 30, true, [50, 100]],
    ['one, at once', 10, 30, false, [100]],
  ])('are %s', (...row) => {
    const [, weight, pauseAt, gradually, ahead] = row;
    expect(stepsAhead({ gradually, steps, pauseAt }, weight)).toEqual(ahead);
  });
});

it('forecasts a rollout that pauses up to there', async () => {
  const world = await twoGroupWorld({ instances: 3 });
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  await rollOut(world, 2, { pauseAt: 5, trafficSteps: [5, 100], stepTime: 120, bakeTime: 3600 });
  const said = world.lines.join('\n');
  expect(said).toContain('requests by steps: 5 %\n');
  expect(said).not.toContain('are bake time');
});
