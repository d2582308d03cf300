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
      { pauseAt: 5 },
      one,
      /^pause-at: this input is not for rolling.*goes on by itself after its checkpoint-delay.*give checkpoints/,
    ],
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
});
