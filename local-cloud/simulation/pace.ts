/** Lets a simulated clock and a fleet go on together: neither speed nor a slow machine makes time pass unseen. */
import type { SimulatedClock } from './clock.ts';

/** The longest time, in milliseconds of the clock, that passes between two looks of the fleet. */
const SLICE_MS = 5000;

export interface Pace {
  stop(): Promise<void>;
}

/**
 * Every so often moves the clock to where it wants to be, slice by slice, with a look of the fleet after each. A
 * machine that is too slow for the clock's speed makes the clock slower, not the looks fewer.
 * @param look resolves when the fleet has done what it can do at this time
 */
export function keepPace(
  clock: SimulatedClock,
  intervalMs: number,
  { look, log }: { look: () => Promise<void>; log: (line: string) => void },
): Pace {
  let stopped = false;
  let round: Promise<void> | undefined;
  const catchUp = async (): Promise<void> => {
    const began = performance.now();
    const goal = clock.wanted();
    while (!stopped && clock.now() < goal) {
      clock.hold(SLICE_MS);
      await look();
    }
    clock.hold(SLICE_MS);
    if (performance.now() - began > intervalMs) clock.forgetLag();
  };
  clock.hold(SLICE_MS);
  const timer = setInterval(() => {
    round ??= catchUp()
      .catch((error: unknown) => log(`simulated fleet: ${String(error)}`))
      .finally(() => {
        round = undefined;
      });
  }, intervalMs);
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await round;
    },
  };
}
