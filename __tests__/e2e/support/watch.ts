import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again while something else is done.
 *
 * @param pause milliseconds between two looks
 * @returns what ends it, after the look that is under way; rejects with the first look that failed
 */
export function watch(look: () => Promise<unknown>, pause: number): () => Promise<void> {
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await look();
      await sleep(pause);
    }
  })();
  // Whoever ends it hears of it; until then it is no unhandled rejection.
  watching.catch(() => undefined);
  return async () => {
    stop.abort();
    await watching;
  };
}
