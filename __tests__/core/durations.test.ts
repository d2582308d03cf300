import { describe, expect, it } from '@jest/globals';
import { duration, stopwatch } from '../../src/core/durations.ts';

describe('duration', () => {
  it.each([
    [-3, '0 s'],
    [0, '0 s'],
    [0.04, '0 s'],
    [4.23, '4.2 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.7, '1 min'],
    [62, '1 min 2 s'],
    [192, '3 min 12 s'],
    [3599, '59 min 59 s'],
    [3600, '1 h'],
    [7199, '2 h'],
    [7790, '2 h 10 min'],
    [172_799, '2 days'],
    [180_000, '2 days'],
    [300_000, '3 days'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('stopwatch', () => {
  it.each([
    [-1, '0:00'],
    [7, '0:07'],
    [67.9, '1:07'],
    [3727, '1:02:07'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(stopwatch(seconds)).toBe(text);
  });
});
