import { describe, expect, it } from '@jest/globals';
import type { DeployError } from '../../src/core/errors.ts';
import type { TerraformOutputs } from '../../src/core/types.ts';
import type { Inputs } from '../../src/inputs/table.ts';
import { strategyOf } from '../../src/rollout/strategy-of.ts';
import { twoGroups } from './helpers/simulated-aws.ts';

const one = {} as TerraformOutputs;
const two = { blueGreen: twoGroups } as TerraformOutputs;
const inputs = (given: Partial<Inputs>) => ({ keepPrevious: false, ...given }) as Inputs;

describe('the strategy', () => {
  it('follows from what the root gives', () => {
    expect(strategyOf(inputs({}), one).name).toBe('rolling');
    expect(strategyOf(inputs({ strategy: 'rolling' }), one).name).toBe('rolling');
    expect(strategyOf(inputs({}), two).name).toBe('blue-green');
    expect(strategyOf(inputs({ strategy: 'blue-green', trafficSteps: [5, 100] }), two).name).toBe(
      'blue-green',
    );
  });

  it.each<[Partial<Inputs>, TerraformOutputs, RegExp]>([
    [
      { strategy: 'blue-green' },
      one,
      /strategy is "blue-green", and the Terraform root .* is made for rolling/,
    ],
    [{ strategy: 'rolling' }, two, /strategy is "rolling", and the Terraform root .* is made for blue-green/],
    [{ trafficSteps: [5, 100] }, one, /^traffic-steps: this input is not for rolling/],
    [
      { checkpoints: [50, 100], checkpointDelay: 0 },
      two,
      /^checkpoints, checkpoint-delay: these inputs are not/,
    ],
  ])('%j is refused where the root is for the other one', (given, outputs, said) => {
    let failure: DeployError | undefined;
    try {
      strategyOf(inputs(given), outputs);
    } catch (error) {
      failure = error as DeployError;
    }
    expect(failure?.message).toMatch(said);
    expect(failure).toMatchObject({ reason: 'input-invalid', left: 'no instance was touched' });
    expect(failure?.next).toMatch(/rollout = \{ strategy = "/);
  });

  it.each<[Partial<Inputs>, TerraformOutputs, RegExp | undefined]>([
    [{ pauseAt: 10 }, one, undefined],
    [{ pauseAt: 10, checkpoints: [10, 100] }, one, undefined],
    [{ pauseAt: 10, checkpoints: [20, 100] }, one, /give one of checkpoints below 100 \(20\)/],
    [{ pauseAt: 25 }, two, undefined],
    [
      { pauseAt: 10 },
      two,
      /give one of traffic-steps below 100 \(5, 25\), or traffic-steps with 10 among them/,
    ],
  ])('%j pauses where a rollout stands anyway, and nowhere else', (given, outputs, advice) => {
    const refusal = () => {
      try {
        strategyOf(inputs(given), outputs);
        return undefined;
      } catch (error) {
        return error as DeployError;
      }
    };
    const failure = refusal();
    if (advice === undefined) expect(failure).toBeUndefined();
    else {
      expect(failure?.message).toMatch(/^pause-at is "10", where no rollout stands with/);
      expect(failure?.next).toMatch(advice);
    }
  });
});
