import { describe, expect, it } from '@jest/globals';
import { duration, stopwatch } from '../../src/core/clock.ts';

describe('time', () => {
  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [60, '1 min'],
    [192, '3 min 12 s'],
    [3600, '1 h'],
    [7790, '2 h 10 min'],
    [7199, '2 h'],
  ])('%d s is said as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
  it.each([
    [7, '0:07'],
    [67, '1:07'],
    [3727, '1:02:07'],
  ])('%d s is shown as %s', (seconds, text) => {
    expect(stopwatch(seconds)).toBe(text);
  });
});
