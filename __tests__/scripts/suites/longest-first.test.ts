import { expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import LongestFirst, { longest } from '../../../scripts/suites/longest-first.ts';

it.each(longest)('%s is a test file', (path) => {
  expect(existsSync(new URL(`../..${path}`, import.meta.url))).toBe(true);
});

it('puts these before all others, which stay as jest has them', () => {
  const tests = ['/a/__tests__/one.test.ts', `/a/__tests__${longest[1]}`, `/a/__tests__${longest[0]}`];
  expect(LongestFirst.order(tests)).toEqual([tests[2], tests[1], tests[0]]);
});
