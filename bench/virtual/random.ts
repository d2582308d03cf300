import { mulberry32 } from '../../scripts/mulberry32.ts';

/** Numbers that look random and are the same for the same seed. */
export class Random {
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#draw = mulberry32(seed);
  }

  /** From 0 up to 1. */
  next(): number {
    return this.#draw() / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.next() * values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }

  /** Durations: half of them below the median, a few far above it. `deviation` is that of the logarithm. */
  duration(median: number, deviation: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(deviation * normal);
  }
}
