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
/** What GitHub asks for most often, when calls came too fast. */
const longestWaitSeconds = 60;

/** Makes a call up to three times, each for ten seconds at most. */
async function withRetry<Options extends { method: string; url: string; request?: object }, Answer>(
  request: (options: Options) => Answer | Promise<Answer>,
  options: Options,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const limited = { ...options.request, signal: AbortSignal.timeout(10_000) };
      return await request({ ...options, request: limited });
    } catch (error) {
      const wait = secondsToWait(error as RequestFailure, options, { attempt, now: Date.now() / 1000 });
      if (attempt === attempts || wait === undefined) throw error;
      await sleep(wait * 1000);
    }
  }
}

/**
 * Seconds until another attempt; undefined for what it would not mend, or might do twice: a status that is given twice is
 * the same status. https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 *
 * @param when `now` in seconds since 1970
 */
export function secondsToWait(
  { status = 0, response }: RequestFailure,
  { method, url }: { method: string; url: string },
  { attempt, now }: { attempt: number; now: number },
): number | undefined {
  const header = (name: string): number => Number(response?.headers[name] ?? NaN);
  if (status === 429 || status === 403) {
    // A call over the rate limit was not made, and GitHub says when to come again.
    const untilReset = header('x-ratelimit-remaining') === 0 ? header('x-ratelimit-reset') - now : NaN;
    const after = Number.isNaN(header('retry-after')) ? untilReset : header('retry-after');
    return after <= longestWaitSeconds ? Math.max(0, after) : undefined;
  }
  const mayBeRepeated = method !== 'POST' || url.endsWith('/statuses');
  return status >= 500 && mayBeRepeated ? attempt * 0.3 : undefined;
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

/** Whether another call with this token would be refused as well. */
export function isRefused(error: unknown): boolean {
  return isForbidden(error) || answeredStatus(error) === 401;
}

/**
 * What to do about a failed call.
 * @param permission what the job's token needs, as YAML has it
 */
export function nextStep(error: unknown, permission: string): string | undefined {
  if (isForbidden(error)) return `Give the job \`permissions: ${permission}\``;
  return answeredStatus(error) === 401
    ? "See that github-token is the job's own token, `${{ github.token }}`, or one that has not expired"
    : undefined;
}
