import { describe, expect, it } from '@jest/globals';
import { normalQuantile, Random } from '../../scripts/judgement/random.ts';
import {
  type Behaviour,
  type Course,
  twoKindsOfSeconds,
  usualSeconds,
  windowsOf,
} from '../../scripts/judgement/traffic.ts';
import { judge } from '../../src/rollout/index.ts';

/** A small part of what docs/judgement.md says, so that it stays true. */

const good: Behaviour = { failing: () => 0.001, seconds: usualSeconds };

function condemned(count: number, course: Course, current: Behaviour, previous = good): number {
  const random = new Random(7);
  const verdicts = Array.from({ length: count }, () => {
    const windows = windowsOf(random, course, { previous, current });
    return windows.some((_window, index) => judge(windows.slice(0, index + 1)).verdict === 'bad');
  });
  return verdicts.filter(Boolean).length;
}

const minutes = (weight: number, count: number): number[] => Array<number>(count).fill(weight);

describe('the judgement of drawn traffic', () => {
  const whole = [...minutes(5, 5), ...minutes(25, 5), ...minutes(100, 5)];

  it.each<[string, Behaviour]>([
    ['few requests fail', good],
    [
      'a fifth of the requests fails now and then',
      { ...good, failing: (minute) => (minute % 3 === 1 ? 0.2 : 0) },
    ],
    ['one request in twenty is slow', { ...good, seconds: twoKindsOfSeconds }],
  ])('condemns no version that is as good as the one before, where %s', (_what, behaviour) => {
    for (const rate of [5, 400])
      expect(condemned(10, { rate, weights: whole }, behaviour, behaviour)).toBe(0);
  });

  it.each<[string, Partial<Behaviour>]>([
    ['3 % of the requests fail', { failing: () => 0.03 }],
    ['it is half as fast', { seconds: (share) => 2 * usualSeconds(share) }],
  ])('condemns at the first step, in two minutes, where %s', (_what, change) => {
    const course = { rate: 400, weights: minutes(5, 2) };
    expect(condemned(20, course, { ...good, ...change })).toBe(20);
  });

  it('condemns in one minute what fails one request in ten', () => {
    expect(condemned(50, { rate: 400, weights: [5] }, { ...good, failing: () => 0.1 })).toBe(50);
  });
});

describe('the draws', () => {
  const mean = (draw: () => number): number => {
    let sum = 0;
    for (let index = 0; index < 1000; index += 1) sum += draw();
    return sum / 1000;
  };

  it.each([
    [100, 0.01],
    [100, 0.5],
    [20, 0.95],
    [100_000, 0.05],
    [5, 0],
  ])('of %d trials with the chance %d succeed as often as they should', (trials, chance) => {
    const random = new Random(1);
    const deviation = Math.sqrt((trials * chance * (1 - chance)) / 1000);
    const difference = mean(() => random.binomial(trials, chance)) - trials * chance;
    expect(Math.abs(difference)).toBeLessThanOrEqual(4 * deviation);
  });

  it('give the smallest of many as they are ranked', () => {
    const random = new Random(1);
    const all = Array.from({ length: 1000 }, () => random.orderStatistics(9, [1, 5, 5, 9]));
    const ranked = all.every(([a = 0, b = 0, c = 0, d = 0]) => 0 < a && a < b && b === c && c < d && d < 1);
    expect(ranked).toBe(true);
    [0.1, 0.5, 0.5, 0.9].forEach((expected, index) =>
      expect(mean(() => random.orderStatistics(9, [1, 5, 5, 9])[index] ?? NaN)).toBeCloseTo(expected, 1),
    );
  });

  it('know the normal law', () => {
    expect([0.5, 0.95, 0.99, 0.01].map((share) => Number(normalQuantile(share).toFixed(4)))).toEqual([
      0, 1.6449, 2.3263, -2.3263,
    ]);
  });

  it('are the same for the same seed', () => {
    const [left, right] = [new Random(3), new Random(3)];
    expect([left.uniform(), left.normal()]).toEqual([right.uniform(), right.normal()]);
  });
});
