import { describe, expect, it } from '@jest/globals';
import { defaultRules, type JudgedWindow } from '../../../src/rollout/judgement/rules.ts';
import { isSlower, slowDraw } from '../../../src/rollout/judgement/slowness.ts';
import { latencyPercentiles, type Latency } from '../../../src/rollout/model/traffic.ts';

/** Percentile by percentile; those that are not named are as the next lower one. */
function latency(seconds: Partial<Latency>): Latency {
  let last = 0;
  return Object.fromEntries(
    latencyPercentiles.map((percentile) => [percentile, (last = seconds[percentile] ?? last)]),
  ) as Latency;
}

function window(previous: Latency | undefined, current: Latency | undefined): JudgedWindow {
  const traffic = { requests: 1000, errors: 0 };
  return {
    ...{ start: new Date(0), end: new Date(60_000), weight: 50 },
    previous: { ...traffic, latency: previous },
    current: { ...traffic, latency: current },
  };
}

/** Slow is more than 0.4 s × 1.25 + 0.02 s = 0.52 s. */
const before = latency({ 50: 0.1, 90: 0.3, 95: 0.4, 98: 0.5, 99: 0.6 });

describe('slow requests', () => {
  it.each<[string, Latency, slow: number, slower: boolean]>([
    ['none of the new version', latency({ 50: 0.1, 99: 0.5 }), 0, false],
    ['exactly at the limit', latency({ 50: 0.1, 95: 0.52 }), 0, false],
    ['one in a hundred', latency({ 50: 0.1, 99: 0.6 }), 10, false],
    ['one in twenty', latency({ 50: 0.1, 95: 0.6 }), 50, true],
    ['one in ten', latency({ 50: 0.1, 90: 0.6 }), 100, true],
    ['half of them', latency({ 50: 0.6 }), 500, true],
  ])('%s', (_what, current, slow, slower) => {
    const draw = slowDraw(window(before, current), defaultRules);
    // Of the version before 98 % were faster, and how many of the last 2 % were is not known.
    expect(draw).toEqual({
      share: 0.5,
      current: expect.closeTo(slow),
      all: expect.closeTo(slow + 20),
    });
    expect(isSlower(window(before, current), defaultRules)).toBe(slower);
  });

  it.each([
    ['the version before answered nothing', undefined, before],
    ['the new one answered nothing', before, undefined],
  ])('are not known where %s', (_what, previous, current) => {
    expect(slowDraw(window(previous, current), defaultRules)).toBeUndefined();
    expect(isSlower(window(previous, current), defaultRules)).toBe(false);
  });
});
