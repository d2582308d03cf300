import { setTimeout as delay } from 'node:timers/promises';

/** Time as the rollout sees it, so that tests can run an hour in no time. */
export interface Clock {
  /** Seconds since some fixed moment; only differences count. */
  now(): number;
  /** Resolves after the seconds, or at once when the signal is aborted; never rejects. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now() / 1000,
  async sleep(seconds, signal) {
    await delay(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};
