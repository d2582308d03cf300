import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GithubCommit } from '../../scripts/runner/github-commits.ts';
import { startGithub } from '../../scripts/runner/github.ts';
import type { GithubOptions, GithubStandIn } from '../../scripts/runner/github.ts';
import { compareCommits } from '../../src/github/commits.ts';
import { inJob } from './support.ts';

let github: GithubStandIn;

afterEach(() => github.close());

const sha = (name: string | number) => String(name).padEnd(40, '0');

/** main: a, b, c, d; a branch from b: x, y. */
const history: GithubCommit[] = [
  { sha: sha('a'), message: 'Begin', author: 'Ada', parents: [] },
  { sha: sha('b'), message: 'Add the basket', author: 'Ada', login: 'ada', parents: [sha('a')] },
  { sha: sha('c'), message: 'Mend the basket\n\nIt lost things.', author: 'Bob', parents: [sha('b')] },
  { sha: sha('d'), message: 'Pay by card', author: '', parents: [sha('c')] },
  { sha: sha('e'), message: 'Pay by phone', author: 'Cy', parents: [sha('b')] },
];
const long: GithubCommit[] = Array.from({ length: 230 }, (_, index) => ({
  sha: sha(1000 + index),
  ...{ message: `commit ${index}`, author: 'Ada', parents: index === 0 ? [] : [sha(999 + index)] },
}));

async function between(
  base: string,
  head: string,
  options: GithubOptions = {},
  { sha: own = head, signal = new AbortController().signal } = {},
) {
  github = await startGithub('ghs_token', { history, ...options });
  const [warnings, debug]: [string[], string[]] = [[], []];
  const tell = {
    warning: (text: string) => void warnings.push(text),
    debug: (text: string) => void debug.push(text),
  };
  const range = await inJob({ apiUrl: github.apiUrl }, () =>
    compareCommits(tell, { token: 'ghs_token', sha: own, signal, longestWait: 600_000 }, { base, head }),
  );
  return { range, warnings, debug };
}

const none = { total: 0, newest: [] };

describe('the commits between what ran before and what runs now', () => {
  it('are the new ones, newest first, by their first line and author', async () => {
    expect((await between(sha('b'), sha('d'))).range).toEqual({
      added: {
        total: 2,
        newest: [
          { sha: sha('d'), subject: 'Pay by card', author: '' },
          { sha: sha('c'), subject: 'Mend the basket', author: 'Bob' },
        ],
      },
      removed: none,
    });
    expect(github.calls).toHaveLength(1);
  });

  it('are those that are taken back, on the way back', async () => {
    expect((await between(sha('b'), sha('a'))).range).toEqual({
      added: none,
      removed: { total: 1, newest: [{ sha: sha('b'), subject: 'Add the basket', author: 'ada' }] },
    });
  });

  it('are both, from one branch to another', async () => {
    const { range } = await between(sha('d'), sha('e'));
    expect(range?.added.newest.map(({ subject }) => subject)).toEqual(['Pay by phone']);
    expect(range?.removed.newest.map(({ subject }) => subject)).toEqual(['Pay by card', 'Mend the basket']);
  });

  it('are the newest of very many', async () => {
    const { range } = await between(sha(1000), sha(1229), { history: long });
    expect(range?.added.total).toBe(229);
    expect(range?.added.newest[0]?.subject).toBe('commit 229');
    expect(github.calls).toHaveLength(2);
  });

  it.each([101, 201])('are ten at the least where there are %s, however the pages fall', async (total) => {
    const { range } = await between(sha(1000), sha(1000 + total), { history: long });
    expect(range?.added.total).toBe(total);
    const subjects = range?.added.newest.slice(0, 10).map(({ subject }) => subject);
    expect(subjects).toEqual(Array.from({ length: 10 }, (_, index) => `commit ${total - index}`));
  });

  it('are not waited for when the job is cancelled', async () => {
    const controller = new AbortController();
    const instead = () => {
      controller.abort();
      return undefined;
    };
    const { range, debug } = await between(sha('b'), sha('d'), { instead }, { signal: controller.signal });
    expect(range).toBeUndefined();
    expect(debug).toEqual([expect.stringMatching(/: the job was cancelled$/)]);
  });

  it.each([
    ['the repository has not both of them', {}, sha('d')],
    ['GitHub is down', { instead: () => ({ status: 502 }) }, sha('d')],
    [
      'there were too many calls',
      { instead: () => ({ status: 403, message: 'API rate limit exceeded' }) },
      '',
    ],
  ])('are not known where %s, which is told to the debug log alone', async (_why, options, own) => {
    const { range, warnings, debug } = await between(sha('f'), sha('d'), options, { sha: own });
    expect({ range, warnings }).toEqual({ range: undefined, warnings: [] });
    expect(debug).toEqual([expect.stringMatching(/^GitHub does not list the commits of this deployment: /)]);
  });

  it('are not waited for where no answer comes', async () => {
    await between(sha('b'), sha('d'));
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const debug: string[] = [];
    const tell = {
      warning: (text: string) => void debug.push(text),
      debug: (text: string) => void debug.push(text),
    };
    const asked = {
      token: 'ghs_token',
      sha: sha('d'),
      signal: new AbortController().signal,
      longestWait: 100,
    };
    const apiUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await inJob({ apiUrl }, () => compareCommits(tell, asked, { base: sha('b'), head: sha('d') }));
    expect(debug).toEqual([expect.stringMatching(/: no answer in time$/)]);
    silent.closeAllConnections();
    silent.close();
  });

  it.each<[string, GithubOptions]>([
    ['is refused', { contents: 'none' }],
    ['sees nothing', { instead: () => ({ status: 404, message: 'Not Found' }) }],
  ])('need a permission: one warning names it where the token %s', async (_how, options) => {
    const { range, warnings } = await between(sha('b'), sha('d'), options);
    expect(range).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/does not list the commits.*: 40[34] .*`permissions: contents: read`\.$/),
    ]);
  });
});
