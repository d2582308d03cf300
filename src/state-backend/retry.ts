import { setTimeout as sleep } from 'node:timers/promises';

/** The name of an AWS error, '' for anything else. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

export function httpStatus(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

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
      if (attempt >= attempts || !names.includes(errorName(error))) throw error;
      await sleep(pause, undefined, signal && { signal });
    }
  }
}
