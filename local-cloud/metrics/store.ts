/** Every metric that was published, by name and dimensions. */
import { type Samples, sampleCount, statisticOf } from './statistics.ts';

/** Dimension names and values. */
export type Dimensions = Record<string, string>;

export interface Metric {
  namespace: string;
  name: string;
  dimensions: Dimensions;
}

/** What is asked of a metric's samples. Times in milliseconds since the epoch. */
export interface Window {
  start: number;
  /** Not included. */
  end: number;
  period: number;
}

/** Values by the beginning of their period; periods without samples are missing. */
export type Series = Map<number, number>;

interface Recorded extends Metric {
  /** By second. */
  seconds: Map<number, Samples>;
}

/** Longer than any alarm looks back; a cloud that is left up must not grow for ever. */
const KEPT_MS = 3 * 3_600_000;
const SECOND = 1000;

const keyOf = ({ namespace, name, dimensions }: Metric): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);

/** Where what was published is read from. */
export interface MetricSource {
  /** A metric with exactly these dimensions in a window, its samples put together by period. */
  samples(metric: Metric, window: Window): Map<number, Samples>;
  /** One statistic of it. */
  series(metric: Metric, window: Window, statistic: string): Series;
}

export class MetricStore implements MetricSource {
  readonly #metrics = new Map<string, Recorded>();

  /**
   * @param at    milliseconds since the epoch
   * @param times how often the value occurred
   */
  record(metric: Metric, at: number, value: number, times = 1): void {
    const key = keyOf(metric);
    const known: Recorded = this.#metrics.get(key) ?? { ...metric, seconds: new Map() };
    this.#metrics.set(key, known);
    const second = Math.floor(at / SECOND) * SECOND;
    const samples: Samples = known.seconds.get(second) ?? new Map<number, number>();
    known.seconds.set(second, samples);
    samples.set(value, (samples.get(value) ?? 0) + times);
  }

  /** Forgets what is too old to be asked for. */
  prune(now: number): void {
    for (const [key, { seconds }] of this.#metrics) {
      for (const second of seconds.keys()) if (second < now - KEPT_MS) seconds.delete(second);
      if (seconds.size === 0) this.#metrics.delete(key);
    }
  }

  samples(metric: Metric, { start, end, period }: Window): Map<number, Samples> {
    const found = new Map<number, Samples>();
    for (const [second, samples] of this.#metrics.get(keyOf(metric))?.seconds ?? []) {
      if (second < start || second >= end) continue;
      const at = Math.floor(second / period) * period;
      const together: Samples = found.get(at) ?? new Map<number, number>();
      found.set(at, together);
      for (const [value, times] of samples) together.set(value, (together.get(value) ?? 0) + times);
    }
    return found;
  }

  series(metric: Metric, window: Window, statistic: string): Series {
    const samples = [...this.samples(metric, window)].sort(([left], [right]) => left - right);
    return new Map(
      samples.filter(([, all]) => sampleCount(all) > 0).map(([at, all]) => [at, statisticOf(all, statistic)]),
    );
  }

  list(): Metric[] {
    return [...this.#metrics.values()].map(({ namespace, name, dimensions }) => ({
      ...{ namespace, name, dimensions },
    }));
  }
}
