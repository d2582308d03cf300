import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GithubHistory } from './github-commits.ts';
import type { GithubCommit } from './github-commits.ts';
import { GithubDeploymentsOf } from './github-deployments.ts';
import type { GithubCommits } from './github-deployments.ts';
import { HttpError } from './http-error.ts';
import { pageOf } from './page.ts';

export interface GithubComment {
  id: number;
  body: string;
}

export interface GithubStandIn {
  /** What a job has as GITHUB_API_URL. */
  apiUrl: string;
  /** Comments by issue or pull request number, oldest first. */
  comments: Map<number, GithubComment[]>;
  deployments: GithubDeploymentsOf;
  /** "POST /repos/octo-org/shop/issues/7/comments", in the order in which they came. */
  calls: string[];
  close(): Promise<void>;
}

/** https://docs.github.com/en/rest/issues/comments, "body is too long". */
const longestBody = 65_536;

/** What a job's token may do. */
type Access = 'write' | 'read' | 'none';

export interface Instead {
  status: number;
  message?: string;
  headers?: Record<string, string>;
  /** The call is done all the same: its answer is what is lost. */
  done?: true;
}

/** How the stand-in behaves. */
export interface GithubOptions {
  /** What `permissions: pull-requests` says; a pull request from a fork may only read. */
  pullRequests?: Access;
  /** What `permissions: deployments` says. */
  deployments?: Access;
  /** What `permissions: contents` says, in a repository that is not public. */
  contents?: Access;
  /** So many calls, from the first, are answered with 502. */
  failures?: number;
  /** So many calls that write, from the first, are over the secondary rate limit. */
  limited?: number;
  /** What comes in place of the answer to a call, such as "POST /repos/…"; `count` is how many have been like it. */
  instead?: (call: string, count: number) => Instead | undefined;
  commits?: GithubCommits;
  /** The repository's commits, each after its parents. */
  history?: readonly GithubCommit[];
  /** Where it listens; left out, where there is room. */
  port?: number;
}

/**
 * The endpoints of GitHub's REST API that the action calls: list, create and update the comments of an issue, the
 * deployments with their statuses, one commit, and two compared.
 * As there, a token is wanted, one without the right is refused, and a body has its limit. Under /api/v3, where a GitHub
 * Enterprise Server has them, they answer as well.
 *
 * Left out: everything else; also other repositories than the one that is asked for first, authors, reactions,
 * conditional requests, rate limits, and pages by Link header (`per_page` and `page` are heeded).
 *
 * @param token what a job's token is
 */
export async function startGithub(
  token: string,
  {
    pullRequests = 'write',
    deployments: access = 'write',
    contents = 'read',
    failures = 0,
    limited = 0,
    instead = () => undefined,
    commits = {},
    history = [],
    port = 0,
  }: GithubOptions = {},
): Promise<GithubStandIn> {
  const comments = new Map<number, GithubComment[]>();
  const deployments = new GithubDeploymentsOf(commits);
  const repository = new GithubHistory(history);
  const state = { comments, deployments, token, pullRequests, access, repository, contents };
  const calls: string[] = [];
  let overTheLimit = limited;
  const server = createServer((request, response) => {
    calls.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (calls.length <= failures) return send(response, 502, { message: 'Server Error' });
    if (request.method !== 'GET' && overTheLimit > 0) {
      overTheLimit -= 1;
      return send(
        response,
        403,
        { message: 'You have exceeded a secondary rate limit.' },
        { 'retry-after': '1' },
      );
    }
    const call = `${request.method ?? ''} ${request.url ?? ''}`;
    const other = instead(call, calls.filter((each) => each === call).length);
    const refuse = ({ status, message = 'Server Error', headers }: Instead): void =>
      send(response, status, { message }, headers);
    if (other !== undefined && other.done !== true) return refuse(other);
    answer(request, state).then(
      ({ status, body }) => (other === undefined ? send(response, status, body) : refuse(other)),
      (error: unknown) =>
        send(response, error instanceof HttpError ? error.status : 500, {
          message: (error as Error).message,
        }),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    deployments,
    calls,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
  response.end(JSON.stringify(body));
}

interface State {
  comments: Map<number, GithubComment[]>;
  deployments: GithubDeploymentsOf;
  token: string;
  pullRequests: Access;
  access: Access;
  repository: GithubHistory;
  contents: Access;
}

interface Answer {
  status: number;
  body: unknown;
}

async function answer(request: IncomingMessage, state: State): Promise<Answer> {
  if (![`Bearer ${state.token}`, `token ${state.token}`].includes(request.headers.authorization ?? ''))
    throw new HttpError(401, 'Bad credentials');
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  // /repos/OWNER/NAME/…
  const [root, owner, name, ...parts] = url.pathname
    .replace(/^\/api\/v3/, '')
    .slice(1)
    .split('/');
  const path = root === 'repos' && /^[\w.-]+\/[\w.-]+$/.test(`${owner}/${name}`) ? parts.join('/') : '';
  const [, commit, basehead] = /^(?:commits\/(\w+)|compare\/(.+))$/.exec(path) ?? [];
  if (commit !== undefined || basehead !== undefined) {
    refuseWithout(state.contents, request);
    const { repository } = state;
    const body =
      basehead === undefined ? repository.get(commit ?? '') : repository.compare(basehead, url.searchParams);
    return { status: 200, body };
  }
  const [, id] = /^deployments\/(\d+)\/statuses$/.exec(path) ?? [];
  if (path === 'deployments' || id !== undefined)
    return answerOfDeployments(request, state, {
      id: Number(id),
      isStatus: id !== undefined,
      query: url.searchParams,
    });
  const [, what, issue] = /^issues\/(comments\/)?(\d+)(?:\/comments)?$/.exec(path) ?? [];
  if (issue === undefined) throw new HttpError(404, 'Not Found');
  return answerOfComments(request, state, {
    id: Number(issue),
    isOne: what !== undefined,
    query: url.searchParams,
  });
}

async function answerOfDeployments(
  request: IncomingMessage,
  { deployments, access }: State,
  { id, isStatus, query }: { id: number; isStatus: boolean; query: URLSearchParams },
): Promise<Answer> {
  refuseWithout(access, request);
  if (request.method === 'GET') {
    const all: readonly unknown[] = isStatus ? deployments.find(id).statuses : deployments.list(query);
    return { status: 200, body: pageOf(all, query) };
  }
  if (request.method !== 'POST') throw new HttpError(404, 'Not Found');
  const body = await bodyOf(request);
  return { status: 201, body: isStatus ? deployments.setState(id, body) : deployments.create(body) };
}

async function answerOfComments(
  request: IncomingMessage,
  { comments, pullRequests: access }: State,
  { id, isOne, query }: { id: number; isOne: boolean; query: URLSearchParams },
): Promise<Answer> {
  refuseWithout(access, request);
  if (request.method === 'GET' && !isOne) return { status: 200, body: pageOf(comments.get(id) ?? [], query) };
  const body = commentIn(await bodyOf(request));
  if (request.method === 'PATCH' && isOne) {
    const comment = [...comments.values()].flat().find((each) => each.id === id);
    if (comment === undefined) throw new HttpError(404, 'Not Found');
    comment.body = body;
    return { status: 200, body: comment };
  }
  if (request.method !== 'POST' || isOne) throw new HttpError(404, 'Not Found');
  const made = { id: 1000 + [...comments.values()].flat().length, body };
  comments.set(id, [...(comments.get(id) ?? []), made]);
  return { status: 201, body: made };
}

function refuseWithout(access: Access, { method }: IncomingMessage): void {
  if (access === 'none' || (access === 'read' && method !== 'GET'))
    throw new HttpError(403, 'Resource not accessible by integration');
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return JSON.parse(text) as Record<string, unknown>;
}

function commentIn({ body }: Record<string, unknown>): string {
  if (typeof body !== 'string' || body === '') throw new HttpError(422, 'Validation Failed');
  if (body.length > longestBody)
    throw new HttpError(422, `Validation Failed: body is too long (maximum is ${longestBody} characters)`);
  return body;
}
