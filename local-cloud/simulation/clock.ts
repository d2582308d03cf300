/** A clock that can be moved by hand and that otherwise runs N times as fast as real time, or not at all. */
import type { Clock } from '../fleet/index.ts';

export interface SimulatedClockOptions {
  /** Seconds of this clock in one real second; 0: it moves only by hand. */
  speed: number;
  /** Milliseconds since the epoch at the beginning; now unless given. */
  start?: number;
  /** Real milliseconds, for tests. */
  real?: () => number;
}

/**
 * Runs on a leash: it goes on by itself up to a limit and waits there until the limit is moved, so that nobody who
 * looks at it now and then ever finds that hours have passed unseen. Without a limit it runs free.
 */
export class SimulatedClock implements Clock {
  readonly #speed: number;
  readonly #real: () => number;
  #realStart: number;
  #base: number;
  #limit = Infinity;

  constructor({ speed, start = Date.now(), real = () => performance.now() }: SimulatedClockOptions) {
    this.#speed = speed;
    this.#real = real;
    this.#realStart = real();
    this.#base = start;
  }

  now(): number {
    return Math.min(this.wanted(), this.#limit);
  }

  /** What it would show if nothing held it. */
  wanted(): number {
    if (this.#speed === 0) return Math.floor(this.#base);
    return Math.floor(this.#base + (this.#real() - this.#realStart) * this.#speed);
  }

  /** Moves it forward, the limit too. */
  advance(ms: number): void {
    this.#base += ms;
    this.#limit += ms;
  }

  /** From now on it goes no further than so many milliseconds from where it is. */
  hold(ms: number): void {
    this.#limit = this.now() + ms;
  }

  /** Forgets what it is behind: it goes on from what it shows. */
  forgetLag(): void {
    this.#base = this.now();
    this.#realStart = this.#real();
  }
}
