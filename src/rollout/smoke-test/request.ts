import type { Clock } from '../../core/index.ts';
import { mask } from '../../core/index.ts';
import type { SmokeTestInput } from '../../inputs/index.ts';
import { isAnswerOfProxy, obstacleOf, wordsOf, type Obstacle } from './reach.ts';

/** Where the load balancer answers, and what is asked of it. */
export interface SmokeTest extends SmokeTestInput {
  url: string;
  /** Sent along with each request. */
  headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  good: boolean;
  /** "HTTP 200", "HTTP 500: its first words", or why there was none; masked. */
  said: string;
  /** What kept the request from reaching the load balancer: then this says nothing about the service. */
  obstacle?: Obstacle | undefined;
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
  /** No attempt passed, and nothing but the way there was seen to be wrong. */
  | { kind: 'unreachable'; attempts: number; said: string; obstacle: Obstacle }
  | { kind: 'cancelled' };

/** Seconds between two attempts. */
const pause = 3;
/** Seconds that one request may take: longer than a connection may (10 s), so that its end tells which it was. */
const limit = 15;
/** Requests at the same time: a slow service is not asked for minutes. */
const atOnce = 10;
const shownBody = 200;

/**
 * Asks the service through its load balancer, as a user would, until an attempt passes or there were as many as the
 * test allows.
 *
 * `every`: an attempt passes when all of its `requests` are answered well. `any`: when one of them is. For `patience`
 * seconds an attempt that does not reach the load balancer is not counted.
 */
export async function smokeTest(
  test: SmokeTest,
  { requests, passes, patience = 0 }: { requests: number; passes: 'every' | 'any'; patience?: number },
  tools: SmokeTestDependencies,
): Promise<SmokeOutcome> {
  const until = tools.clock.now() + patience;
  let worst: Answer | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const decisive = passes === 'any';
    const answers = await askUntil(test, { requests, good: decisive }, tools);
    if (tools.signal.aborted) return { kind: 'cancelled' };
    const deciding = answers.find(({ good }) => good === decisive);
    if ((deciding !== undefined) === decisive) {
      const said = (deciding ?? answers[0])?.said ?? '';
      return { kind: 'passed', attempts, answers: answers.length, said };
    }
    worst = worstOf(worst, answers);
    const { said = '', obstacle } = worst ?? {};
    const mayYetBeReached = obstacle !== undefined && tools.clock.now() < until;
    if (attempts >= test.attempts && !mayYetBeReached)
      return obstacle === undefined
        ? { kind: 'failed', attempts, said }
        : { kind: 'unreachable', attempts, said, obstacle };
    await tools.clock.sleep(pause, tools.signal);
  }
}

/** The newest bad answer of the service itself; where there was none in any attempt, the newest that did not reach it. */
function worstOf(before: Answer | undefined, answers: readonly Answer[]): Answer | undefined {
  const bad = answers.filter(({ good }) => !good);
  const own = bad.find(({ obstacle }) => obstacle === undefined);
  return own ?? (before?.obstacle === undefined ? before : undefined) ?? bad[0];
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
      headers: { ...test.headers, connection: 'close' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(limit * 1000)]),
    });
    const { status, headers } = response;
    const answer = evaluateAnswer(test, status, await response.text());
    return isAnswerOfProxy(status, headers) ? { ...answer, good: false, obstacle: 'proxy' } : answer;
  } catch (error) {
    const isLate = (error as Partial<Error> | null)?.name === 'TimeoutError';
    return {
      good: false,
      said: isLate ? `no answer within ${limit} s` : mask(wordsOf(error)),
      obstacle: obstacleOf(error),
    };
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
