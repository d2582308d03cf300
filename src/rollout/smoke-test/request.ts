import type { Clock } from '../../core/index.ts';
import { mask } from '../../core/index.ts';
import type { SmokeTestInput } from '../../inputs/index.ts';

/** Where the load balancer answers, and what is asked of it. */
export interface SmokeTest extends SmokeTestInput {
  url: string;
}

export interface Answer {
  good: boolean;
  /** "HTTP 200", "HTTP 500: its first words", or why there was none; masked. */
  said: string;
}

export interface SmokeTestDependencies {
  clock: Clock;
  fetch: typeof fetch;
  signal: AbortSignal;
}

/** How a smoke test came out. */
export type SmokeOutcome =
  /** `answers` of the last attempt, all of which said what was looked for. */
  | { kind: 'passed'; attempts: number; answers: number; said: string }
  | { kind: 'failed'; attempts: number; said: string }
  | { kind: 'cancelled' };

/** Seconds between two attempts, and seconds that one request may take. */
const pause = 3;
const limit = 10;
/** Requests at the same time: a slow service is not asked for minutes. */
const atOnce = 10;
const shownBody = 200;

/**
 * Asks the service through its load balancer, as a user would, until an attempt passes or there were as many as the
 * test allows.
 *
 * `every`: an attempt passes when all of its `requests` are answered well. `any`: when one of them is.
 */
export async function smokeTest(
  test: SmokeTest,
  { requests, passes }: { requests: number; passes: 'every' | 'any' },
  tools: SmokeTestDependencies,
): Promise<SmokeOutcome> {
  let said = '';
  for (let attempts = 1; attempts <= test.attempts; attempts += 1) {
    if (attempts > 1) await tools.clock.sleep(pause, tools.signal);
    const decisive = passes === 'any';
    const answers = await askUntil(test, { requests, good: decisive }, tools);
    if (tools.signal.aborted) return { kind: 'cancelled' };
    const deciding = answers.find(({ good }) => good === decisive);
    if ((deciding !== undefined) === decisive) {
      return {
        kind: 'passed',
        attempts,
        answers: answers.length,
        said: (deciding ?? answers[0])?.said ?? '',
      };
    }
    said = (deciding ?? answers[0])?.said ?? '';
  }
  return { kind: 'failed', attempts: test.attempts, said };
}

/** Asks so many times, or until an answer is as good or bad as `good` says. */
async function askUntil(
  test: SmokeTest,
  { requests, good }: { requests: number; good: boolean },
  tools: SmokeTestDependencies,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < requests && !tools.signal.aborted) {
    const some = Array.from({ length: Math.min(atOnce, requests - answers.length) }, () => ask(test, tools));
    answers.push(...(await Promise.all(some)));
    if (answers.some((answer) => answer.good === good)) break;
  }
  return answers;
}

/** One request on a connection of its own, so that a load balancer of connections chooses anew as well. */
async function ask(test: SmokeTest, { fetch, signal }: SmokeTestDependencies): Promise<Answer> {
  try {
    const response = await fetch(addressOf(test), {
      redirect: 'manual',
      headers: { connection: 'close' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(limit * 1000)]),
    });
    return evaluateAnswer(test, response.status, await response.text());
  } catch (error) {
    return { good: false, said: reasonOf(error) };
  }
}

/** The whole address that the smoke test asks. */
export function addressOf({ url, path }: Pick<SmokeTest, 'url' | 'path'>): string {
  return new URL(path, url).href;
}

/** Whether an answer is what the test wants. Pure. */
export function evaluateAnswer(
  { statuses, body }: Pick<SmokeTest, 'statuses' | 'body'>,
  status: number,
  text: string,
): Answer {
  const words = text.replace(/\s+/g, ' ').trim().slice(0, shownBody);
  const shown = words === '' ? '' : `: ${mask(words)}`;
  if (!statuses.some(([from, to]) => status >= from && status <= to))
    return { good: false, said: `HTTP ${status}${shown}` };
  if (body !== undefined && !text.includes(body))
    return { good: false, said: `HTTP ${status} without the text that it must contain${shown}` };
  return { good: true, said: `HTTP ${status}` };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${limit} s`;
  const { cause } = error;
  return cause instanceof Error && cause.message ? `${error.message}: ${cause.message}` : error.message;
}
