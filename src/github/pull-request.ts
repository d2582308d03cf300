import { setTimeout as sleep } from 'node:timers/promises';
import type * as actionsGithub from '@actions/github';
import { commentBody } from './comment.ts';

/** Comments of a pull request that are looked through for ours, a hundred a page. */
const pages = 10;

/** What `plan` has to say to the pull request that the job runs for. */
export interface PlanComment {
  token: string;
  /** What the comment begins with and is known by. */
  marker: string;
  summary: string;
  runUrl: string;
}

/**
 * Puts the plan on the pull request, if the job runs for one: the comment that begins with the marker is changed, so that
 * a pull request has one plan for each environment, the newest. A plan that was made is one, comment or not: whatever
 * goes wrong is a warning.
 */
export async function commentOnPullRequest(
  { info, warning }: { info: (text: string) => void; warning: (text: string) => void },
  { token, marker, summary, runUrl }: PlanComment,
): Promise<void> {
  let name = 'the pull request';
  try {
    // Loading it reads the job's event, which may fail.
    const github = await import('@actions/github');
    const number = github.context.payload.pull_request?.number;
    if (number === undefined) return;
    name = `pull request #${number}`;
    const body = commentBody(marker, summary, runUrl);
    const how = await writeComment(github, number, { token, marker, body });
    info(`The comment with this plan on ${name} was ${how}`);
  } catch (error) {
    warning(whyNoComment(name, error));
  }
}

/** @throws octokit's RequestError with what GitHub answered */
async function writeComment(
  { context, getOctokit }: typeof actionsGithub,
  number: number,
  { token, marker, body }: { token: string; marker: string; body: string },
): Promise<'made' | 'changed'> {
  // The job's proxy and the API of a GitHub Enterprise Server are those of the job's variables.
  const octokit = getOctokit(token, { baseUrl: context.apiUrl });
  octokit.hook.wrap('request', withRetry);
  const { issues } = octokit.rest;
  const pullRequest = { ...context.repo, issue_number: number };
  for (let page = 1; page <= pages; page += 1) {
    const { data } = await issues.listComments({ ...pullRequest, per_page: 100, page });
    const ours = data.find((comment) => comment.body?.startsWith(marker));
    if (ours !== undefined) {
      await issues.updateComment({ ...context.repo, comment_id: ours.id, body });
      return 'changed';
    }
    if (data.length < 100) break;
  }
  await issues.createComment({ ...pullRequest, body });
  return 'made';
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

/** Why GitHub did not take a comment, and what to do about it, in one sentence. */
function whyNoComment(name: string, error: unknown): string {
  const { status, message = String(error), response } = error as RequestFailure;
  const said = response === undefined ? rootCause(error) : `${status ?? ''} ${message}`;
  const next =
    status === 403 || status === 404
      ? 'Give the job `permissions: pull-requests: write`; a pull request from a fork can not have it.'
      : 'The job summary has the plan.';
  return `the plan could not be written to ${name}: ${said}. ${next}`;
}

/** Without an answer the error only says that there was none; why is in the innermost of its causes. */
function rootCause(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: unknown };
  return typeof cause === 'object' && cause !== null ? rootCause(cause) : (message ?? String(error));
}
