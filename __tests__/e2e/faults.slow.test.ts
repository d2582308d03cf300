import { describe, expect, it } from '@jest/globals';
import { allPairs, runPair } from '../rollout/helpers/pairs.ts';

/** On a clock that moves only when the rollout sleeps: hours pass in a tenth of a second. */
describe('a rollout that meets two faults at once', () => {
  it.each(allPairs().map((pair) => [pair.title, pair] as const))('%s', async (_, pair) => {
    expect(await runPair(pair)).toEqual([]);
  });
});
