import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startGithub } from '../../scripts/runner/github.ts';
import type { GithubStandIn } from '../../scripts/runner/github.ts';
import { PlanComment } from '../../src/github/pull-request.ts';
import { inJob } from './support.ts';
import type { JobVariables } from './support.ts';

const token = 'ghs_token';
const marker = '<!-- asg-deploy plan shop prod -->';
const sha = '4e1a2b7'.padEnd(40, '0');
let github: GithubStandIn;

afterEach(() => github.close());

interface Job extends Partial<JobVariables> {
  given?: string;
  runId?: string;
  /** Only say that the plan before is out of date. */
  only?: 'outdated';
}

/** What is told when the job of pull request 7 (or of another event) has this summary. */
async function comment(summary: string, job: Job = {}): Promise<string[]> {
  const { given = token, runId = '1001', only, ...rest } = job;
  const told: string[] = [];
  const variables = {
    apiUrl: github.apiUrl,
    event: JSON.stringify({ pull_request: { number: 7, head: { sha } } }),
    eventName: 'pull_request',
    ...rest,
  };
  await inJob(variables, async () => {
    const repositoryUrl = 'https://github.com/octo-org/shop';
    const plan = new PlanComment(
      { info: (text) => void told.push(text), warning: (text) => void told.push(`warning: ${text}`) },
      {
        token: given,
        marker,
        github: {
          sha: 'f'.repeat(40),
          runId,
          runUrl: `${repositoryUrl}/actions/runs/${runId}`,
          repositoryUrl,
        },
      },
    );
    await plan.markOutdated();
    if (only !== 'outdated') await plan.write(() => summary);
  });
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
    expect(bodies()).toHaveLength(4);
    expect(bodies()[3]).toMatch(/^<!-- asg-deploy plan shop prod -->\n[^]*commit \[4e1a2b7\][^]*\n\nsecond$/);
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
    expect(bodies().at(-1)).toMatch(/\n\nnew$/);
  });

  it('is marked as out of date when another commit comes, once, until that is planned', async () => {
    github = await startGithub(token);
    await comment('first');
    await comment('', { runId: '1002', only: 'outdated' });
    await comment('', { runId: '1003', only: 'outdated' });
    expect(bodies()[0]?.match(/Outdated/g)).toHaveLength(1);
    expect(bodies()[0]).toMatch(
      /^<!-- asg[^\n]*\n[^\n]*\n> \[!WARNING\]\n> \*\*Outdated\.\*\* \[4e1a2b7\][^]*runs\/1003[^]*\n\nfirst$/,
    );
    await comment('third', { runId: '1003' });
    expect(bodies()[0]).not.toContain('Outdated');
    expect(bodies()[0]).toMatch(/third$/);
  });

  it('of a later run stays', async () => {
    github = await startGithub(token);
    await comment('newer', { runId: '1002' });
    expect(await comment('older')).toEqual([expect.stringContaining('is of a later run, and stays')]);
    expect(bodies()[0]).toMatch(/newer$/);
    expect(bodies()[0]).not.toContain('Outdated');
  });

  it('of a fork is left to the job summary, and nobody is warned', async () => {
    github = await startGithub(token, { pullRequests: 'read' });
    const repo = {
      head: { sha, repo: { full_name: 'fork/shop' } },
      base: { repo: { full_name: 'octo-org/shop' } },
    };
    const told = await comment('plan', { event: JSON.stringify({ pull_request: { number: 7, ...repo } }) });
    expect(told).toEqual([expect.stringMatching(/^pull request #7 is of a fork: .*job summary/)]);
    expect(github.calls).toEqual([]);
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
    expect(github.calls.map((call) => call.split(' ')[0])).toEqual(['GET', 'GET', 'GET', 'GET', 'POST']);
  });

  it('is written although GitHub is down when the run begins, and nobody is warned', async () => {
    let calls = 0;
    github = await startGithub(token, { instead: () => ((calls += 1) <= 3 ? { status: 502 } : undefined) });
    expect(await comment('plan')).toEqual([expect.stringContaining('was made')]);
    expect(bodies()).toHaveLength(1);
  });

  it('is one comment although the answer to it is lost', async () => {
    const lost = { status: 502, done: true } as const;
    github = await startGithub(token, { instead: (call) => (call.startsWith('POST') ? lost : undefined) });
    expect(await comment('plan')).toEqual([expect.stringContaining('was made')]);
    expect(bodies()).toHaveLength(1);
  });

  it.each<[string, Job, 'write' | 'read' | 'none', RegExp]>([
    ['a token that may only read', {}, 'read', /#7: 403 Resource not accessible.*pull-requests: write/],
    ['a token that may see nothing', {}, 'none', /#7: 403 Resource not accessible.*pull-requests: write/],
    [
      'a token that GitHub does not know',
      { given: 'other' },
      'write',
      /#7: 401 Bad credentials\. See that github-token .*The job summary has/,
    ],
    [
      'a repository that it may not see',
      { repository: 'octo-org/other shop' },
      'write',
      /#7: 404 Not Found.*pull-requests: write/,
    ],
    [
      'an event that can not be read',
      { event: '{"pull_request":' },
      'write',
      /to the pull request: .*JSON.*The job summary has/,
    ],
  ])('that can not be written is a warning: %s', async (_, job, pullRequests, said) => {
    github = await startGithub(token, { pullRequests });
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
