import { describe, expect, it } from '@jest/globals';
import { effectivePercentages, replacementBatch } from '../../../src/rollout/plan/batches.ts';

describe('replacementBatch', () => {
  it.each<[number, number, number | null, number, number, number, number, boolean]>([
    // desired, min, max, remaining → terminateFirst, surge, batch, launchFirst
    [1, 90, null, 1, 1, 0, 1, false],
    [1, 100, null, 1, 1, 0, 1, false],
    [1, 100, 100, 1, 0, 1, 1, true],
    [1, 100, 200, 1, 0, 1, 1, true],
    [2, 50, null, 2, 1, 0, 1, false],
    [4, 90, null, 4, 1, 0, 1, false],
    [4, 0, null, 4, 4, 0, 4, false],
    [10, 80, null, 10, 2, 0, 2, false],
    [10, 100, 110, 10, 0, 1, 1, true],
    [10, 100, 200, 10, 0, 10, 10, true],
    [10, 100, 100, 10, 0, 1, 1, true],
    [10, 90, 110, 10, 1, 1, 2, false],
    [10, 90, 110, 1, 0, 1, 1, true],
    [100, 90, 120, 100, 10, 20, 30, false],
    [100, 90, 120, 25, 5, 20, 25, false],
    [10, 95, 105, 10, 0, 1, 1, true],
    [1000, 90, null, 1000, 100, 0, 100, false],
    [5, 100, 200, 0, 0, 0, 0, true],
    [0, 90, null, 0, 0, 0, 0, false],
  ])('of %i at %i/%s with %i left', (desired, min, max, ...rest) => {
    const [remaining, terminateFirst, surge, batch, launchFirst] = rest;
    expect(
      replacementBatch({ desired, minHealthyPercentage: min, maxHealthyPercentage: max, remaining }),
    ).toEqual({ terminateFirst, surge, batch, launchFirst });
  });

  it('never goes below the minimum when a maximum is set, and always makes progress', () => {
    for (let desired = 1; desired <= 30; desired += 1) {
      for (const min of [0, 33, 50, 90, 99, 100]) {
        for (const max of [null, 100, 110, 150, 200]) {
          if (max !== null && max - min > 100) continue;
          const step = replacementBatch({
            desired,
            minHealthyPercentage: min,
            maxHealthyPercentage: max,
            remaining: desired,
          });
          expect(step.batch).toBeGreaterThan(0);
          expect(step.terminateFirst + step.surge).toBe(step.batch);
          if (max !== null)
            expect(desired - step.terminateFirst).toBeGreaterThanOrEqual(Math.ceil((desired * min) / 100));
        }
      }
    }
  });
});

describe('effectivePercentages', () => {
  it.each([
    ['nothing given', {}, undefined, 90, null],
    ['the policy of the group', {}, { minHealthyPercentage: 100, maxHealthyPercentage: 150 }, 100, 150],
    [
      'the refresh before the policy',
      { minHealthyPercentage: 50 },
      { minHealthyPercentage: 100, maxHealthyPercentage: 150 },
      50,
      null,
    ],
    ['a policy that was taken away', {}, { minHealthyPercentage: -1, maxHealthyPercentage: -1 }, 90, null],
    ['zero, which is given', { minHealthyPercentage: 0, maxHealthyPercentage: 100 }, undefined, 0, 100],
  ])('%s', (_, preferences, policy, ...expected) => {
    const [min, max] = expected;
    expect(effectivePercentages(preferences, policy)).toEqual({
      minHealthyPercentage: min,
      maxHealthyPercentage: max,
    });
  });
});
