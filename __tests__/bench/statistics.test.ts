import { expect, it } from '@jest/globals';
import { quantile, ratioOf, spreadOf } from '../../bench/statistics.ts';

it.each([
  [[3], { median: 3, min: 3, max: 3, count: 1 }],
  [[9, 1, 5], { median: 5, min: 1, max: 9, count: 3 }],
  [[10, 2, 4, 100], { median: 7, min: 2, max: 100, count: 4 }],
])('of %j the middle, the least and the most', (values, expected) => {
  expect(spreadOf(values)).toEqual(expected);
});

it('refuses to speak of nothing', () => {
  expect(() => spreadOf([])).toThrow('nothing was measured');
});

it('compares what was measured in the same round, not the medians', () => {
  // The machine was slow in the second round, for both.
  expect(ratioOf([10, 40, 12], [20, 80, 16])).toEqual({ median: 0.5, min: 0.5, max: 0.75, count: 3 });
});

it('finds the value below which nine of ten lie', () => {
  expect(quantile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.9)).toBe(10);
  expect(quantile([5], 0.1)).toBe(5);
});
