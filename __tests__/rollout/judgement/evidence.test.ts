import { describe, expect, it } from '@jest/globals';
import { type Draw, evidence } from '../../../src/rollout/judgement/evidence.ts';

/** n over k */
function choose(n: number, k: number): number {
  let ways = 1;
  for (let step = 1; step <= k; step += 1) ways *= (n - k + step) / step;
  return ways;
}

/** The chance that the new version has `x` of the `bad` requests, if it has `own` of `all` requests and is no worse. */
function chanceOf(x: number, { own, all, bad }: { own: number; all: number; bad: number }): number {
  return (choose(own, x) * choose(all - own, bad - x)) / choose(all, bad);
}

/** After the last look. */
const reached = (...draws: Draw[]): number => evidence(draws.map((draw) => [draw])).at(-1) ?? NaN;

describe('evidence', () => {
  it.each([
    { own: 1, all: 20, bad: 1 },
    { own: 5, all: 100, bad: 3 },
    { own: 25, all: 100, bad: 10 },
    { own: 50, all: 100, bad: 60 },
    { own: 95, all: 100, bad: 5 },
    { own: 10, all: 20, bad: 20 },
  ])(
    'of two equal versions is no more than 1 on average, over every way in which lots may fall: %j',
    (urn) => {
      let mean = 0;
      let far = 0;
      for (let x = Math.max(0, urn.bad - (urn.all - urn.own)); x <= Math.min(urn.own, urn.bad); x += 1) {
        const value = reached({ share: urn.own / urn.all, current: x, all: urn.bad });
        mean += chanceOf(x, urn) * Math.exp(value);
        if (value >= Math.log(20)) far += chanceOf(x, urn);
      }
      expect(mean).toBeLessThanOrEqual(1 + 1e-9);
      expect(far).toBeLessThanOrEqual(0.05);
    },
  );

  it('is nothing where nothing is bad', () => {
    expect(evidence([])).toEqual([]);
    expect(reached({ share: 0.1, current: 0, all: 0 })).toBeCloseTo(0);
  });

  it('grows with each bad request of the new version, and shrinks with each of the other', () => {
    const rising = [1, 2, 3, 4].map((current) => reached({ share: 0.1, current, all: 4 }));
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    expect(reached({ share: 0.1, current: 4, all: 40 })).toBeLessThan(
      reached({ share: 0.1, current: 4, all: 20 }),
    );
  });

  it('is carried on from look to look', () => {
    const bad = { share: 0.1, current: 3, all: 4 };
    const rising = evidence([[bad], [bad], [bad]]);
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    // Two minutes in one look are two draws of it.
    expect(evidence([[bad, bad]])[0]).toBeGreaterThan(rising[0] ?? NaN);
  });

  it('begins anew at each look: a version that turns bad late is not excused by how good it was', () => {
    const well = { share: 0.1, current: 100, all: 1000 };
    const bad = { share: 0.1, current: 60, all: 150 };
    const hours = Array<Draw>(300).fill(well);
    expect(reached(...hours)).toBeLessThan(0.1);
    expect(reached(...hours, bad)).toBeGreaterThan(Math.log(1e6));
  });

  it('says nothing where every request went to the new version', () => {
    expect(reached({ share: 1, current: 50, all: 50 })).toBeCloseTo(0);
  });
});
