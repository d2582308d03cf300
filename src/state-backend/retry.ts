import { setTimeout as sleep } from 'node:timers/promises';
import { isAwsError } from '../core/index.ts';

/**
 * Repeats a call for as long as it fails with one of the named errors: those that pass by themselves when another
 * run configures the same thing at the same time. Bounded: `attempts` calls, `pause` milliseconds apart.
 */
export async function repeatWhile<T>(
  names: readonly string[],
  call: () => Promise<T>,
  { attempts = 12, pause = 1_000, signal }: { attempts?: number; pause?: number; signal?: AbortSignal } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= attempts || !isAwsError(error, ...names)) throw error;
      await sleep(pause, undefined, signal && { signal });
    }
  }
}
