import type { Clock } from './clock.ts';
import { mask } from './mask.ts';

export interface SmokeTest {
  /** Where the load balancer answers, and the path to ask for. */
  url: string;
  path: string;
}

export type SmokeResult =
  { passed: true; status: number; attempts: number } | { passed: false; attempts: number; said: string };

/** Attempts, seconds between them, and seconds that one may take. */
const attempts = 5;
const pause = 3;
const limit = 10;
const shownBody = 200;

/** Asks the service through its load balancer, as a user would: any 2xx passes; five attempts, three seconds apart. */
export async function smokeTest(
  { url, path }: SmokeTest,
  { clock, fetch: ask = fetch, signal }: { clock: Clock; fetch?: typeof fetch; signal?: AbortSignal },
): Promise<SmokeResult> {
  let said = '';
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1) await clock.sleep(pause, signal);
    if (signal?.aborted) return { passed: false, attempts: attempt - 1, said: 'the job was cancelled' };
    try {
      const response = await ask(new URL(path, url), {
        redirect: 'manual',
        signal: AbortSignal.timeout(limit * 1000),
      });
      if (response.ok) {
        await response.body?.cancel();
        return { passed: true, status: response.status, attempts: attempt };
      }
      const body = (await response.text()).replace(/\s+/g, ' ').trim().slice(0, shownBody);
      said = `HTTP ${response.status}${body ? `: ${mask(body)}` : ''}`;
    } catch (error) {
      said = reasonOf(error);
    }
  }
  return { passed: false, attempts, said };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message ? `${error.message}: ${cause.message}` : error.message;
}
