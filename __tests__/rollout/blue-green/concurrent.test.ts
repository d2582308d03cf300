import { expect, it } from '@jest/globals';
import type { Inputs } from '../../../src/inputs/table.ts';
import { failureOf } from '../helpers/acts.ts';
import {
  greenName,
  greenTargetGroupArn,
  targetGroupArn,
  twoGroups,
  twoGroupWorld,
} from '../helpers/simulated-aws.ts';
import { rollOut } from './helpers.ts';

/** A rollout that stands at 10 %, which its own run may be judging. */
async function atTenPercent() {
  const world = await twoGroupWorld({ instances: 3 });
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  await rollOut(world, 2, { pauseAt: 10 });
  return world;
}

it.each<[string, Partial<Inputs>, number]>([
  ['a step of the usual length', { stepTime: undefined }, 480],
  ['a long step', { stepTime: 900 }, 1080],
  ['a long bake', { bakeTime: 1800 }, 1800],
])('waits for a rollout that does not move for %s', async (_, inputs, seconds) => {
  const world = await atTenPercent();
  world.after(seconds, async () => {
    world.rule.weights = { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 };
    await world.api.setSizes(greenName, { minSize: 0, desired: 0 });
  });
  await rollOut(world, 3, { timeout: 7200, ...inputs });
  expect(await world.versions()).toEqual({ 3: 3 });
});

it('does not wait for ever for one whose run is gone', async () => {
  const world = await atTenPercent();
  const failure = await failureOf(rollOut(world, 3, { stepTime: 600 }));
  expect(failure.evidence[0]?.text).toMatch(/nothing has moved for 14 min/);
});

it.each<[Inputs['onActiveRefresh'], number]>([
  ['replace', 1],
  ['fail', 0],
])(
  'with %s: another rollout was taken back %i times, which is told even if this one fails',
  async (onActiveRefresh, times) => {
    const world = await atTenPercent();
    world.fault({ templateVersion: 3, bootFailure: 'run' });
    const none = { minHealthyPercentage: undefined, maxHealthyPercentage: undefined };
    let told = 0;
    const failing = world.rollOut(
      3,
      { ...none, trafficSteps: [100], keepPrevious: false, onActiveRefresh },
      { outputs: { blueGreen: twoGroups }, onTakenBack: () => (told += 1) },
    );
    expect((await failureOf(failing)).reason).toBe(times === 1 ? 'boot-failed' : 'refresh-active');
    expect(told).toBe(times);
  },
);
