import { setTimeout as delay } from 'node:timers/promises';

/** A busy machine is slow, which is no failure. */
const patienceSeconds = 240;

/**
 * Looks again until there is what is waited for: instances come and go in the cloud's own time.
 *
 * @param what what is waited for, in words: said when it does not come
 * @param look undefined or false: not yet
 * @throws Error naming it after four minutes; what `look` rejects with
 */
export async function eventually<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined | false>,
  { everyMilliseconds = 250 } = {},
): Promise<T> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      const said = typeof what === 'string' ? what : what();
      throw new Error(`not within ${patienceSeconds} s: ${said}`);
    }
    await delay(everyMilliseconds);
  }
}
