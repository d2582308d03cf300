import { describe, expect, it } from '@jest/globals';
import type { RolloutApi } from '../../../src/rollout/aws/api.ts';
import { failureOf } from '../helpers/acts.ts';
import { awsError, lostAnswer, twoGroupWorld, type SimulatedAws } from '../helpers/simulated-aws.ts';
import { abortIn, rollOut, thereIs } from './helpers.ts';

/** Answers that do not come while something is taken back, or finished. */

const errors: [string, () => Error][] = [
  ['a throttled call', () => awsError('Throttling', 'Rate exceeded')],
  ['a lost answer', lostAnswer],
  ['an expired token', () => awsError('ExpiredToken', 'it has expired')],
];

async function world(errorsOfNew = 0): Promise<SimulatedAws> {
  const world = await twoGroupWorld({ instances: 3 });
  world.demand = { rate: 100, of: (version) => ({ errors: version === 1 ? 0 : errorsOfNew, seconds: 0.05 }) };
  return world;
}

/** After a line of the log, or a change of the weights back, the next calls throw. */
function failAfter(world: SimulatedAws, line: RegExp | 'weights back', error: () => Error, times = 2): void {
  const real = { ...world.api };
  let left = times;
  let isBack = false;
  const due = () => (line === 'weights back' ? isBack : world.lines.some((each) => line.test(each)));
  const failing = <Name extends 'forwardRule' | 'group'>(name: Name) =>
    (async (...parameters: unknown[]) => {
      if (due() && left > 0) {
        left -= 1;
        throw error();
      }
      return (real[name] as (...parameters: unknown[]) => unknown)(...parameters);
    }) as unknown as RolloutApi[Name];
  world.api.forwardRule = failing('forwardRule');
  world.api.group = failing('group');
  world.api.setForwardWeights = async (arn, weights) => {
    await real.setForwardWeights(arn, weights);
    isBack = Object.values(weights)[0] === 0 || Object.values(weights)[1] === 100;
  };
}

describe.each(errors)('%s', (_, error) => {
  it.each<[string, RegExp | 'weights back']>([
    ['before the weights are changed back', /^rolling back to/],
    ['when they are read back', 'weights back'],
    ['when the fleet is emptied', /again, .* after the verdict$/],
  ])('%s loses no undo', async (_when, line) => {
    const there = await world(0.03);
    failAfter(there, line, error, 3);
    const failure = await failureOf(rollOut(there));
    expect(failure).toMatchObject({
      reason: 'judged-worse',
      left: 'rolled back: all 3 instances run version 1 again; shop-prod has 100 % of the requests, and shop-prod-green is empty',
    });
    expect(await thereIs(there)).toMatchObject({ weights: [100, 0], green: { sizes: [0, 0, 6] } });
  });

  it('of abort is asked again', async () => {
    const there = await world();
    await rollOut(there, 2, { pauseAt: 10 });
    failAfter(there, /^found: /, error);
    expect((await abortIn(there))?.left).toBe('all 3 instances run version 1 again');
  });

  it('at its end is no failure of a finished rollout', async () => {
    const there = await world();
    failAfter(there, /^all requests go to the new version after/, error, 4);
    expect(await rollOut(there)).toMatchObject({ status: 'successful' });
    expect(await thereIs(there)).toMatchObject({ weights: [0, 100], blue: { sizes: [0, 0, 6] } });
  });
});

describe('a finished rollout whose old fleet can not be retired', () => {
  it('is a success, and says what is left', async () => {
    const there = await world();
    const real = { ...there.api };
    there.api.forwardRule = (arn) =>
      there.lines.some((line) => line.startsWith('all requests go to the new version after'))
        ? Promise.reject(lostAnswer())
        : real.forwardRule(arn);
    expect(await rollOut(there)).toMatchObject({ status: 'successful' });
    expect(there.warnings.join()).toMatch(
      /shop-prod is not as it should be between rollouts: .*The next run sees to it/,
    );
    expect(await there.versions()).toEqual({ 1: 3, 2: 3 });
  });
});
