/** What is kept of the samples of one moment, and the statistics that CloudWatch makes of them. */

/** Samples by value: how often each occurred. */
export type Samples = Map<number, number>;

/** `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, and percentiles from `p0` to `p100`. */
export const isStatistic = (name: string): boolean =>
  ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'].includes(name) ||
  (/^p[\d.]+$/.test(name) && Number(name.slice(1)) <= 100);

/** How many samples there are. */
export function sampleCount(samples: Samples): number {
  let count = 0;
  for (const times of samples.values()) count += times;
  return count;
}

function sum(samples: Samples): number {
  let total = 0;
  for (const [value, times] of samples) total += value * times;
  return total;
}

/** The value below which so many per cent of the samples lie. */
function percentile(samples: Samples, percent: number): number {
  const sorted = [...samples].sort(([left], [right]) => left - right);
  const rank = (percent / 100) * sampleCount(samples);
  let seen = 0;
  for (const [value, times] of sorted) {
    seen += times;
    if (seen >= rank) return value;
  }
  return sorted.at(-1)?.[0] ?? 0;
}

/**
 * One statistic of samples that there are at least one of.
 * @param name one that isStatistic knows
 */
export function statisticOf(samples: Samples, name: string): number {
  switch (name) {
    case 'SampleCount':
      return sampleCount(samples);
    case 'Sum':
      return sum(samples);
    case 'Average':
      return sum(samples) / sampleCount(samples);
    case 'Minimum':
      return Math.min(...samples.keys());
    case 'Maximum':
      return Math.max(...samples.keys());
    default:
      return percentile(samples, Number(name.slice(1)));
  }
}
