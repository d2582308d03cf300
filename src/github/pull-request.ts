import { HttpClient, HttpClientError } from '@actions/http-client';
import { BearerCredentialHandler } from '@actions/http-client/lib/auth';
import { readFile } from 'node:fs/promises';
import { commentBody } from './comment.ts';

/** Comments of a pull request that are looked through for ours, a hundred a page. */
const pages = 10;

/** Where a comment goes. */
export interface PullRequest {
  /** https://api.github.com, or a GitHub Enterprise Server's own. */
  apiUrl: string;
  /** owner/name */
  repository: string;
  number: number;
}

/** The pull request that the job runs for, from the event's file; undefined for any other event, and outside a job. */
export async function pullRequestOf(environment: NodeJS.ProcessEnv): Promise<PullRequest | undefined> {
  const { GITHUB_EVENT_PATH: path = '', GITHUB_REPOSITORY: repository = '' } = environment;
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const { pull_request: pullRequest } = JSON.parse(text) as { pull_request?: { number?: unknown } };
  const number = pullRequest?.number;
  if (typeof number !== 'number' || repository === '') return undefined;
  return { apiUrl: environment.GITHUB_API_URL ?? 'https://api.github.com', repository, number };
}

interface Comment {
  id: number;
  body?: string | null;
}

/**
 * Writes the comment that begins with the marker: the one that is there is changed, so that a pull request has one
 * plan for each environment, the newest.
 *
 * @throws Error with what GitHub answered
 */
export async function writeComment(
  { apiUrl, repository, number }: PullRequest,
  token: string,
  { marker, body }: { marker: string; body: string },
): Promise<'made' | 'changed'> {
  // It goes through the job's proxy, which Node's own fetch does not.
  const client = new HttpClient('asg-deploy', [new BearerCredentialHandler(token)], {
    socketTimeout: 10_000,
    allowRetries: true,
    maxRetries: 2,
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  });
  const issues = `${apiUrl}/repos/${repository}/issues`;
  try {
    for (let page = 1; page <= pages; page += 1) {
      const list = `${issues}/${number}/comments?per_page=100&page=${page}`;
      const comments = found(await client.getJson<Comment[]>(list)) ?? [];
      const ours = comments.find((comment) => comment.body?.startsWith(marker));
      if (ours !== undefined) {
        found(await client.patchJson(`${issues}/comments/${ours.id}`, { body }));
        return 'changed';
      }
      if (comments.length < 100) break;
    }
    found(await client.postJson(`${issues}/${number}/comments`, { body }));
    return 'made';
  } finally {
    client.dispose();
  }
}

/** The client throws for every refusal but this one, with which GitHub also hides what a token may not see. */
function found<T>({ statusCode, result }: { statusCode: number; result: T }): T {
  if (statusCode === 404) throw new HttpClientError('Not Found', statusCode);
  return result;
}

/** Why GitHub did not take a comment, and what to do about it, in one sentence. */
export function whyNoComment({ number }: PullRequest, error: unknown): string {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  const said = `${statusCode === undefined ? '' : `${statusCode} `}${message ?? String(error)}`;
  const next =
    statusCode === 403 || statusCode === 404
      ? 'Give the job `permissions: pull-requests: write`; a pull request from a fork can not have it.'
      : 'The job summary has the plan.';
  return `the plan could not be written to pull request #${number}: ${said}. ${next}`;
}

/** What `plan` has to say to the pull request that the job runs for. */
export interface PlanComment {
  environment: NodeJS.ProcessEnv;
  token: string;
  marker: string;
  summary: string;
  runUrl: string;
}

/**
 * Puts the plan on the pull request, if there is one. A plan that was made is one, comment or not: whatever goes wrong
 * is a warning.
 */
export async function commentOnPullRequest(
  { info, warning }: { info: (text: string) => void; warning: (text: string) => void },
  { environment, token, marker, summary, runUrl }: PlanComment,
): Promise<void> {
  const pullRequest = await pullRequestOf(environment);
  if (pullRequest === undefined) return;
  try {
    const body = commentBody(marker, summary, runUrl);
    const how = await writeComment(pullRequest, token, { marker, body });
    info(`The comment with this plan on pull request #${pullRequest.number} was ${how}`);
  } catch (error) {
    warning(whyNoComment(pullRequest, error));
  }
}
