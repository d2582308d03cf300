import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../helpers/acts.ts';
import {
  greenName,
  greenTargetGroupArn,
  targetGroupArn,
  twoGroupWorld,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';
import { abortIn, rollOut, thereIs } from './helpers.ts';

/** Somebody else takes a rollout back while its run still drives it: the run ends, and what was taken back stays so. */

const asBefore = {
  weights: [100, 0],
  blue: { sizes: [1, 3, 6], version: '1' },
  green: { sizes: [0, 0, 6] },
};

async function world(): Promise<SimulatedAws> {
  const world = await twoGroupWorld({ instances: 3 });
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  return world;
}

/** Seconds after which a rollout is in each of its states. */
const states: [string, number][] = [
  ['launching', 40],
  ['shifting', 150],
  ['shifting further', 320],
  ['baking', 500],
];

function expectEnded(failure: unknown): void {
  expect(failure).toMatchObject({
    reason: 'cancelled',
    message: expect.stringMatching(/taken back/) as unknown,
    left: expect.stringMatching(/^this run touched nothing more: /) as unknown,
    rollout: { status: 'failed' },
  });
}

describe('a rollout that abort takes back while its run goes on', () => {
  it.each(states)('while %s: the run ends, and changes nothing more', async (_, seconds) => {
    const there = await world();
    there.after(seconds, () => abortIn(there));
    expectEnded(await failureOf(rollOut(there, 2, { bakeTime: 600 })));
    expect(await thereIs(there)).toMatchObject(asBefore);
    expect(await there.versions()).toEqual({ 1: 3 });
  });

  it.each(states)('while %s, both at the same time', async (_, seconds) => {
    const there = await world();
    let aborted: ReturnType<typeof abortIn> | undefined;
    there.after(seconds, () => {
      aborted = abortIn(there);
    });
    expectEnded(await failureOf(rollOut(there, 2, { bakeTime: 600 })));
    expect((await aborted)?.left).toBe('all 3 instances run version 1 again');
    expect(await thereIs(there)).toMatchObject(asBefore);
  });

  it('and rollback does the same', async () => {
    const there = await world();
    there.after(150, () => rollOut(there, 1, { command: 'rollback' }));
    expectEnded(await failureOf(rollOut(there, 2)));
    expect(await thereIs(there)).toMatchObject(asBefore);
  });

  it.each([150, 240])(
    'is not shifted on where only the weights were changed back (%i s)',
    async (seconds) => {
      const there = await world();
      there.after(seconds, () => {
        there.rule.weights = { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 };
      });
      expectEnded(await failureOf(rollOut(there, 2)));
      expect(await thereIs(there)).toMatchObject({ weights: [100, 0], green: { sizes: [3, 3, 6] } });
    },
  );

  it('is not launched again where its group was emptied', async () => {
    const there = await world();
    there.after(20, () =>
      there.operation('UpdateAutoScalingGroup', {
        ...{ AutoScalingGroupName: greenName, MinSize: 0, DesiredCapacity: 0 },
      }),
    );
    expectEnded(await failureOf(rollOut(there, 2)));
    expect((await thereIs(there)).weights).toEqual([100, 0]);
  });
});

describe('a rollout whose new group is emptied while it has requests', () => {
  const emptied = async () => {
    const there = await world();
    there.after(150, () =>
      there.operation('UpdateAutoScalingGroup', {
        ...{ AutoScalingGroupName: greenName, MinSize: 0, DesiredCapacity: 0 },
      }),
    );
    return there;
  };

  it('gives them back: nobody would answer them', async () => {
    const there = await emptied();
    expect(await failureOf(rollOut(there, 2))).toMatchObject({
      reason: 'cancelled',
      evidence: [{ text: 'shop-prod-green was emptied, and had 10 % of the requests' }],
      left: expect.stringMatching(/^rolled back: .*shop-prod has 100 % of the requests/) as unknown,
    });
    expect(await thereIs(there)).toMatchObject(asBefore);
    expect(await rollOut(there, 2)).toMatchObject({ status: 'successful' });
  });

  it('leaves them where auto-rollback is false, and says so', async () => {
    const there = await emptied();
    const failure = await failureOf(rollOut(there, 2, { autoRollback: false }));
    expect(failure.left).toContain('the weights stay as they are (auto-rollback is false)');
    expect((await thereIs(there)).weights).toEqual([90, 10]);
  });
});

describe('a rollout whose old version gets requests again when all was proven', () => {
  it('is no success, and empties nothing', async () => {
    const there = await world();
    const real = { ...there.api };
    there.api.setForwardWeights = async (...parameters) => {
      await real.setForwardWeights(...parameters);
      if (parameters[1][greenTargetGroupArn] === 100)
        there.after(8, () => {
          there.rule.weights = { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 };
        });
    };
    expect(await failureOf(rollOut(there, 2))).toMatchObject({
      reason: 'cancelled',
      message: expect.stringContaining('taken back') as unknown,
      // It is over: one of a cancelled job would be left to the post step.
      rollout: { status: 'failed' },
    });
    expect(await there.versions()).toEqual({ 1: 3, 2: 3 });
  });
});

describe('an abort whose weights somebody changes again', () => {
  it('takes them back again before anything is emptied', async () => {
    const there = await world();
    await rollOut(there, 2, { pauseAt: 50 });
    const real = { ...there.api };
    let changes = 0;
    there.api.setForwardWeights = async (...parameters) => {
      await real.setForwardWeights(...parameters);
      changes += 1;
      if (changes > 1) return;
      there.after(5, () => {
        there.rule.weights = { [targetGroupArn]: 0, [greenTargetGroupArn]: 100 };
      });
    };
    const emptied: number[] = [];
    there.api.setSizes = async (group, sizes) => {
      if (group === greenName && sizes.desired === 0)
        emptied.push(there.rule.weights[greenTargetGroupArn] ?? -1);
      await real.setSizes(group, sizes);
    };
    await abortIn(there);
    expect(emptied).toEqual([0]);
    expect(await thereIs(there)).toMatchObject(asBefore);
  });

  it('empties nothing, and says so, where they come back every time', async () => {
    const there = await world();
    await rollOut(there, 2, { pauseAt: 50 });
    const real = { ...there.api };
    there.api.setForwardWeights = async (...parameters) => {
      await real.setForwardWeights(...parameters);
      there.after(5, () => {
        there.rule.weights = { [targetGroupArn]: 50, [greenTargetGroupArn]: 50 };
      });
    };
    const failure = await failureOf(abortIn(there));
    expect(failure).toMatchObject({
      reason: 'rollback-failed',
      message: expect.stringContaining(`${greenName} is given requests again`) as unknown,
    });
    expect(await there.versions()).toEqual({ 1: 3, 2: 3 });
    expect(await thereIs(there)).toMatchObject({ green: { sizes: [3, 3, 6] }, blue: { sizes: [3, 3, 6] } });
  });
});
