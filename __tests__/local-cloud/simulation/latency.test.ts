import { describe, expect, it } from '@jest/globals';
import { statisticOf } from '../../../local-cloud/metrics/statistics.ts';
import { drawLatencies } from '../../../local-cloud/simulation/latency.ts';
import { randomOf } from '../../../local-cloud/simulation/random.ts';

const latency = { median: 0.05, p95: 0.2 };

describe('response times', () => {
  it.each([
    [4000, 0.02],
    [100_000, 0.01],
  ])('of %d requests have the percentiles that were asked for', (n, tolerance) => {
    const drawn = drawLatencies(randomOf(7), n, latency);
    expect([...drawn.values()].reduce((sum, times) => sum + times, 0)).toBe(n);
    const sigma = Math.log(4) / 1.6449;
    for (const [name, z] of [
      ['p50', 0],
      ['p90', 1.2816],
      ['p95', 1.6449],
      ['p99', 2.3263],
    ] as const) {
      const wanted = 0.05 * Math.exp(z * sigma);
      expect(Math.abs(statisticOf(drawn, name) - wanted) / wanted).toBeLessThan(tolerance);
    }
  });

  it('scatter where there are few, around the same median', () => {
    const medians = Array.from({ length: 400 }, (_, index) =>
      statisticOf(drawLatencies(randomOf(index), 21, latency), 'p50'),
    ).sort((left, right) => left - right);
    expect(new Set(medians).size).toBeGreaterThan(20);
    expect(Math.abs((medians[200] ?? 0) - 0.05)).toBeLessThan(0.005);
  });

  it('of none are none', () => {
    expect(drawLatencies(randomOf(1), 0, latency).size).toBe(0);
  });
});
