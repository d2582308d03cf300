/** What of the data can be asked for already: AWS's services publish a minute some time after it has ended. */
import type { Samples } from './statistics.ts';
import type { Metric, MetricSource, Series, Window } from './store.ts';

/** When data is published. */
export interface Publishing {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** How many milliseconds a minute of CloudWatch lasts. */
  minute: number;
  /** How many milliseconds after its end a minute can be asked for; 0: while it still goes on. */
  delay: number;
}

/** What somebody puts himself can be asked for at once. */
const isDelayed = ({ namespace }: Metric): boolean => namespace.startsWith('AWS/');

export class Published implements MetricSource {
  readonly #source: MetricSource;
  readonly #publishing: Publishing;

  constructor(source: MetricSource, publishing: Publishing) {
    this.#source = source;
    this.#publishing = publishing;
  }

  samples(metric: Metric, window: Window): Map<number, Samples> {
    return this.#source.samples(metric, this.#published(metric, window));
  }

  series(metric: Metric, window: Window, statistic: string): Series {
    return this.#source.series(metric, this.#published(metric, window), statistic);
  }

  #published(metric: Metric, window: Window): Window {
    const { now, minute, delay } = this.#publishing;
    if (delay === 0 || !isDelayed(metric)) return window;
    return { ...window, end: Math.min(window.end, Math.floor((now() - delay) / minute) * minute) };
  }
}
