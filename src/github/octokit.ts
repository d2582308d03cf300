import { setTimeout as sleep } from 'node:timers/promises';
import type * as actionsGithub from '@actions/github';
import { rootCause } from '../core/index.ts';

/** GitHub's API, as the job may use it, and what the runner says of the job's event. */
export interface Github {
  rest: ReturnType<typeof actionsGithub.getOctokit>['rest'];
  context: typeof actionsGithub.context;
}

/** The toolkit, which weighs ten times as much as the rest, is loaded only where GitHub is called. */
export async function openGithub(token: string): Promise<Github> {
  // Loading it reads the job's event, which may fail.
  const { context, getOctokit } = await import('@actions/github');
  // The job's proxy and the API of a GitHub Enterprise Server are those of the job's variables.
  const octokit = getOctokit(token, { baseUrl: context.apiUrl });
  octokit.hook.wrap('request', withRetry);
  return { rest: octokit.rest, context };
}

/** What is read here of octokit's RequestError; it has status 500 and no response where no answer came. */
interface RequestFailure {
  status?: number;
  message?: string;
  response?: { headers: Record<string, string | number | undefined> };
}

const attempts = 3;
const longestWaitSeconds = 30;

/** Makes a call up to three times, each for ten seconds at most. */
async function withRetry<Options extends { method: string; request?: object }, Answer>(
  request: (options: Options) => Answer | Promise<Answer>,
  options: Options,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const limited = { ...options.request, signal: AbortSignal.timeout(10_000) };
      return await request({ ...options, request: limited });
    } catch (error) {
      const wait = secondsToWait(error as RequestFailure, options.method, attempt);
      if (attempt === attempts || wait === undefined) throw error;
      await sleep(wait * 1000);
    }
  }
}

/** undefined for what another attempt would not mend, or might do twice. */
function secondsToWait({ status = 0, response }: RequestFailure, method: string, attempt: number) {
  // A call over the rate limit was not made, and GitHub says when to come again.
  const after = Number(response?.headers['retry-after'] ?? NaN);
  if (status === 429 || status === 403) return after <= longestWaitSeconds ? after : undefined;
  return status >= 500 && method !== 'POST' ? attempt * 0.3 : undefined;
}

/** The status that GitHub answered with; undefined where no answer came. */
export function answeredStatus(error: unknown): number | undefined {
  const { status, response } = error as RequestFailure;
  return response === undefined ? undefined : status;
}

/** Why a call failed, in half a sentence. */
export function whyNot(error: unknown): string {
  const status = answeredStatus(error);
  const { message = String(error) } = error as RequestFailure;
  return status === undefined ? rootCause(error) : `${status} ${message}`;
}

/** Whether the token lacks a right: GitHub hides what it may not see behind 404. A rate limit is none. */
export function isForbidden(error: unknown): boolean {
  const status = answeredStatus(error);
  const { message = '', response } = error as RequestFailure;
  if (response?.headers['retry-after'] !== undefined || /rate limit/i.test(message)) return false;
  return status === 403 || status === 404;
}
