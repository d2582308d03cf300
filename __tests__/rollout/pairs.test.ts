import { describe, expect, it } from '@jest/globals';
import { mulberry32 } from '../../scripts/mulberry32.ts';
import { allPairs, runPair } from './helpers/pairs.ts';

/** A few of the pairs, other ones for another SEED; all of them are in `e2e/faults.slow.test.ts`. */
const seed = Number(process.env.SEED ?? '20');
const random = mulberry32(seed);
const sample = allPairs()
  .map((pair) => ({ pair, rank: random() }))
  .toSorted((one, other) => one.rank - other.rank)
  .slice(0, 40)
  .map(({ pair }) => [pair.title, pair] as const);

describe(`a rollout that meets two faults at once (seed ${seed})`, () => {
  it.each(sample)('%s', async (_, pair) => {
    expect(await runPair(pair)).toEqual([]);
  });
});
