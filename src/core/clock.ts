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

/** "45 s", "3 min 12 s", "2 h 10 min": at most two units, as a person says it. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600)
    return [`${Math.floor(whole / 60)} min`, whole % 60 ? `${whole % 60} s` : ''].join(' ').trim();
  const minutes = Math.round((whole % 3600) / 60);
  const hours = Math.floor(whole / 3600) + (minutes === 60 ? 1 : 0);
  return [`${hours} h`, minutes % 60 ? `${minutes} min` : ''].join(' ').trim();
}

/** "1:07", "1:02:07": time since the start, for the left edge of the log. */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
