import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startGithub } from '../../scripts/runner/github.ts';
import type { GithubStandIn } from '../../scripts/runner/github.ts';
import { commentOnPullRequest } from '../../src/github/pull-request.ts';

const token = 'ghs_token';
const marker = '<!-- asg-deploy plan shop prod -->';
/** Those of the machine that runs the tests would lead past the stand-in. */
const proxyVariables = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);
const variables = process.env;
let folder: string;
let github: GithubStandIn;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pull-request-'));
});
afterEach(async () => {
  process.env = variables;
  await github.close();
});
afterAll(() => rm(folder, { recursive: true }));

interface Job {
  /** Text of the file that tells of the event. */
  event?: string;
  given?: string;
  repository?: string;
  apiUrl?: string;
  proxy?: string;
}

/** What is told when the job of pull request 7 (or of another event) has this summary. */
async function comment(summary: string, job: Job = {}): Promise<string[]> {
  const eventPath = join(folder, 'event.json');
  await writeFile(eventPath, job.event ?? '{"pull_request":{"number":7}}');
  process.env = {
    ...Object.fromEntries(Object.entries(variables).filter(([name]) => !proxyVariables.includes(name))),
    GITHUB_API_URL: job.apiUrl ?? github.apiUrl,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_REPOSITORY: job.repository ?? 'octo-org/shop',
    ...(job.proxy !== undefined && { http_proxy: job.proxy }),
  };
  // @actions/github reads the job's variables when it is loaded.
  jest.resetModules();
  const told: string[] = [];
  await commentOnPullRequest(
    { info: (text) => void told.push(text), warning: (text) => void told.push(`warning: ${text}`) },
    {
      token: job.given ?? token,
      marker,
      summary,
      runUrl: 'https://github.com/octo-org/shop/actions/runs/1001',
    },
  );
  return told;
}

const bodies = () => github.comments.get(7)?.map(({ body }) => body) ?? [];

/** A forward proxy that tunnels every host to the stand-in, and the hosts that it was asked for. */
async function startProxy() {
  const hosts: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer();
  server.on('connect', (request, socket: Socket) => {
    hosts.push(request.url ?? '');
    const upstream = connect(Number(new URL(github.apiUrl).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) sockets.push(end.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hosts,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

describe('a plan on a pull request', () => {
  it('is one comment, which the next run changes, and nobody else’s', async () => {
    github = await startGithub(token);
    github.comments.set(7, [
      { id: 1, body: 'looks good' },
      { id: 2, body: `quoting ${marker}` },
      { id: 3, body: '<!-- asg-deploy plan shop dev -->\nthe plan of dev' },
    ]);
    expect(await comment('first')).toEqual(['The comment with this plan on pull request #7 was made']);
    expect(await comment('second')).toEqual(['The comment with this plan on pull request #7 was changed']);
    expect(bodies().slice(3)).toEqual([`${marker}\nsecond`]);
    expect(bodies().slice(0, 3).join()).not.toContain('second');
  });

  it('is found behind hundreds of comments', async () => {
    github = await startGithub(token);
    github.comments.set(7, [
      ...Array.from({ length: 250 }, (_, index) => ({ id: index + 1, body: 'me too' })),
      { id: 900, body: `${marker}\nold` },
    ]);
    await comment('new');
    expect(bodies()).toHaveLength(251);
    expect(bodies().at(-1)).toBe(`${marker}\nnew`);
  });

  it('that is longer than GitHub takes is cut', async () => {
    github = await startGithub(token);
    expect(await comment('~ aws_lb.main\n'.repeat(9000))).toEqual([expect.stringContaining('was made')]);
    expect(bodies()[0]).toContain('This is cut');
  });

  it('goes through the job’s proxy to the API of a GitHub Enterprise Server', async () => {
    github = await startGithub(token);
    const proxy = await startProxy();
    try {
      const job = { apiUrl: 'http://github.example.test/api/v3', proxy: proxy.url };
      expect(await comment('plan', job)).toEqual([expect.stringContaining('was made')]);
      expect(new Set(proxy.hosts)).toEqual(new Set(['github.example.test:80']));
      expect(github.calls[0]).toMatch(/^GET \/api\/v3\/repos\/octo-org\/shop\//);
    } finally {
      await proxy.close();
    }
  });

  it('is written although GitHub fails to answer twice', async () => {
    github = await startGithub(token, { failures: 2 });
    expect(await comment('plan')).toEqual([expect.stringContaining('was made')]);
    expect(github.calls.map((call) => call.split(' ')[0])).toEqual(['GET', 'GET', 'GET', 'POST']);
  });

  it.each<[string, Job, boolean, RegExp]>([
    ['a token that may only read', {}, false, /#7: 403 Resource not accessible.*pull-requests: write/],
    [
      'a token that GitHub does not know',
      { given: 'other' },
      true,
      /#7: 401 Bad credentials\. The job summary has/,
    ],
    [
      'a repository that it may not see',
      { repository: 'octo-org/other shop' },
      true,
      /#7: 404 Not Found.*pull-requests: write/,
    ],
    [
      'an event that can not be read',
      { event: '{"pull_request":' },
      true,
      /to the pull request: .*JSON.*The job summary has/,
    ],
  ])('that can not be written is a warning: %s', async (_, job, mayWrite, said) => {
    github = await startGithub(token, { mayWrite });
    expect(await comment('plan', job)).toEqual([expect.stringMatching(said)]);
    expect(bodies()).toEqual([]);
  });

  it('that can not be written is a warning: GitHub is out of reach', async () => {
    github = await startGithub(token);
    await github.close();
    expect(await comment('plan')).toEqual([
      expect.stringMatching(/^warning: .*#7: .*ECONNREFUSED.*The job summary has/s),
    ]);
  });

  it('is not written for a push', async () => {
    github = await startGithub(token);
    expect(await comment('plan', { event: '{}' })).toEqual([]);
    expect(github.calls).toEqual([]);
  });
});
