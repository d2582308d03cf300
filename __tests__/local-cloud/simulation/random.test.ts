import { describe, expect, it } from '@jest/globals';
import { binomial, multinomial, randomOf } from '../../../local-cloud/simulation/random.ts';

const draws = <T>(times: number, draw: (index: number) => T): T[] =>
  Array.from({ length: times }, (_, index) => draw(index));

describe('seeded chance', () => {
  it('is the same for the same seeds, and another for others', () => {
    const of = (...seeds: number[]): number[] => draws(5, randomOf(...seeds));
    expect(of(7, 1)).toEqual(of(7, 1));
    expect(new Set([of(7, 1), of(7, 2), of(8, 1), of(1, 7)].map(String)).size).toBe(4);
  });

  it('is even, between the generators of one second and the next too', () => {
    const firsts = draws(20_000, (second) => randomOf(7, second)());
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...firsts)).toBeLessThan(1);
    const tenths = draws(10, (tenth) => firsts.filter((value) => Math.floor(value * 10) === tenth).length);
    // Four standard deviations.
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(170);
  });
});

describe('how many of n succeed', () => {
  it.each([
    [400, 0.03],
    [400, 0.5],
    [400, 0.97],
    [10, 0.2],
    [100_000, 0.0001],
    [1_000_000, 0.1],
  ])('is, of %d with probability %d, as often and as scattered as it should be', (n, probability) => {
    const times = 4000;
    const drawn = draws(times, (index) => binomial(randomOf(n, index), n, probability));
    const mean = drawn.reduce((sum, value) => sum + value, 0) / times;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / times;
    const expected = n * probability * (1 - probability);
    expect(Math.abs(mean - n * probability)).toBeLessThan(4 * Math.sqrt(expected / times));
    expect(variance / expected).toBeGreaterThan(0.88);
    expect(variance / expected).toBeLessThan(1.12);
    expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value <= n)).toBe(true);
  });

  it.each([
    [0, 0.5, 0],
    [10, 0, 0],
    [10, 1, 10],
  ])('is sure, of %d with probability %d', (n, probability, expected) => {
    expect(binomial(randomOf(1), n, probability)).toBe(expected);
  });
});

describe('shares by weight', () => {
  it('add up, and nothing goes where the weight is 0', () => {
    const shares = multinomial(randomOf(3), 100_000, [90, 0, 10]);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(100_000);
    expect(shares[1]).toBe(0);
    expect(Math.abs((shares[2] ?? 0) - 10_000)).toBeLessThan(400);
  });

  it('are nothing where every weight is 0', () => {
    expect(multinomial(randomOf(3), 100, [0, 0])).toEqual([0, 0]);
  });
});
