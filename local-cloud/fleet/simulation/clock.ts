/** A clock that can be moved by hand and that otherwise runs N times as fast as real time, or not at all. */
import type { Clock } from '../driver.ts';

export class SimulatedClock implements Clock {
  readonly #realStart = Date.now();
  readonly #start: number;
  readonly #speed: number;
  #moved = 0;

  /**
   * @param speed seconds of this clock in one real second; 0: it moves only by hand
   * @param start milliseconds since the epoch
   */
  constructor(speed = 0, start = Date.now()) {
    this.#speed = speed;
    this.#start = start;
  }

  now(): number {
    return Math.floor(this.#start + this.#moved + (Date.now() - this.#realStart) * this.#speed);
  }

  /** Moves it forward. */
  advance(ms: number): void {
    this.#moved += ms;
  }
}
