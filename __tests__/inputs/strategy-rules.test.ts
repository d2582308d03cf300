import { describe, expect, it } from '@jest/globals';
import { inputsOfOtherStrategy, type StrategyName } from '../../src/inputs/strategy-rules.ts';
import type { Inputs } from '../../src/inputs/table.ts';

describe('inputsOfOtherStrategy', () => {
  it.each<[string, StrategyName, Partial<Inputs>, string[]]>([
    ['nothing was given', 'rolling', {}, []],
    ['nothing was given', 'blue-green', {}, []],
    [
      'the root is for rolling',
      'rolling',
      { trafficSteps: [5, 100], stepTime: 0, onInconclusive: 'wait', keepPrevious: true },
      ['traffic-steps', 'step-time', 'on-inconclusive', 'keep-previous'],
    ],
    ['the root is for rolling', 'rolling', { checkpoints: [20], checkpointDelay: 0 }, []],
    ['it is to pause', 'rolling', { pauseAt: 10 }, []],
    ['it is to pause at a checkpoint', 'rolling', { checkpoints: [20, 100], pauseAt: 20 }, []],
    ['the root is for blue-green', 'blue-green', { trafficSteps: [5, 100], pauseAt: 5 }, []],
    [
      'the root is for blue-green',
      'blue-green',
      { minHealthyPercentage: 0, maxHealthyPercentage: 100, checkpoints: [20], checkpointDelay: 0 },
      ['min-healthy-percentage', 'max-healthy-percentage', 'checkpoints', 'checkpoint-delay'],
    ],
  ])('%s (%s) %j', (_what, strategy, given, expected) => {
    const inputs = { keepPrevious: false, ...given } as Inputs;
    expect(inputsOfOtherStrategy(inputs, strategy)).toEqual(expected);
  });
});
