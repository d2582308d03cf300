import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GithubComment {
  id: number;
  body: string;
}

export interface GithubStandIn {
  /** What a job has as GITHUB_API_URL. */
  apiUrl: string;
  /** Comments by issue or pull request number, oldest first. */
  comments: Map<number, GithubComment[]>;
  /** "POST /repos/octo-org/shop/issues/7/comments", in the order in which they came. */
  calls: string[];
  close(): Promise<void>;
}

/** https://docs.github.com/en/rest/issues/comments, "body is too long". */
const longestBody = 65_536;

class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The three endpoints of GitHub's REST API that the action calls: list, create and update the comments of an issue.
 * As there, a token is wanted, one without the right is refused, and a body has its limit. Under /api/v3, where a GitHub
 * Enterprise Server has them, they answer as well.
 *
 * Left out: everything else; also other repositories than the one that is asked for first, authors, reactions,
 * conditional requests, rate limits, and pages by Link header (`per_page` and `page` are heeded).
 *
 * @param token what a job's token is; with `mayWrite: false` it reads only, as on a pull request from a fork
 * @param options `failures`: so many calls, from the first, are answered with 502
 */
export async function startGithub(
  token: string,
  { mayWrite = true, failures = 0 }: { mayWrite?: boolean; failures?: number } = {},
): Promise<GithubStandIn> {
  const comments = new Map<number, GithubComment[]>();
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (calls.length <= failures) return send(response, 502, { message: 'Server Error' });
    answer(request, { comments, token, mayWrite }).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) =>
        send(response, error instanceof HttpError ? error.status : 500, {
          message: (error as Error).message,
        }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    calls,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}

interface State {
  comments: Map<number, GithubComment[]>;
  token: string;
  mayWrite: boolean;
}

async function answer(
  request: IncomingMessage,
  { comments, token, mayWrite }: State,
): Promise<{ status: number; body: unknown }> {
  if (![`Bearer ${token}`, `token ${token}`].includes(request.headers.authorization ?? ''))
    throw new HttpError(401, 'Bad credentials');
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [, what, id] =
    /^(?:\/api\/v3)?\/repos\/[\w.-]+\/[\w.-]+\/issues\/(comments\/)?(\d+)(?:\/comments)?$/.exec(
      url.pathname,
    ) ?? [];
  if (id === undefined) throw new HttpError(404, 'Not Found');
  if (request.method === 'GET' && what === undefined) {
    const size = Number(url.searchParams.get('per_page') ?? 30);
    const start = (Number(url.searchParams.get('page') ?? 1) - 1) * size;
    return { status: 200, body: (comments.get(Number(id)) ?? []).slice(start, start + size) };
  }
  if (!mayWrite) throw new HttpError(403, 'Resource not accessible by integration');
  const body = await bodyOf(request);
  if (request.method === 'PATCH' && what !== undefined) {
    const comment = [...comments.values()].flat().find((each) => each.id === Number(id));
    if (comment === undefined) throw new HttpError(404, 'Not Found');
    comment.body = body;
    return { status: 200, body: comment };
  }
  if (request.method !== 'POST' || what !== undefined) throw new HttpError(404, 'Not Found');
  const made = { id: 1000 + [...comments.values()].flat().length, body };
  comments.set(Number(id), [...(comments.get(Number(id)) ?? []), made]);
  return { status: 201, body: made };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  const { body } = JSON.parse(text) as { body?: unknown };
  if (typeof body !== 'string' || body === '') throw new HttpError(422, 'Validation Failed');
  if (body.length > longestBody)
    throw new HttpError(422, `Validation Failed: body is too long (maximum is ${longestBody} characters)`);
  return body;
}
