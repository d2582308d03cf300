import { afterEach, describe, expect, it } from '@jest/globals';
import { getOctokit } from '@actions/github';
import { startGithub } from '../../scripts/runner/github.ts';
import type { GithubStandIn } from '../../scripts/runner/github.ts';
import { commentOnPullRequest } from '../../src/github/pull-request.ts';

const token = 'ghs_token';
const marker = '<!-- asg-deploy plan shop prod -->';
let github: GithubStandIn;

afterEach(() => github.close());

interface How {
  event?: { pull_request?: { number: number } };
  given?: string;
  repository?: string;
}

/** What is told when the job of pull request 7 (or of another event) has this summary. */
async function comment(
  summary: string,
  { event, given = token, repository = 'octo-org/shop' }: How = {},
): Promise<string[]> {
  const [owner = '', repo = ''] = repository.split('/');
  const context = {
    apiUrl: github.apiUrl,
    payload: event ?? { pull_request: { number: 7 } },
    repo: { owner, repo },
  };
  const told: string[] = [];
  await commentOnPullRequest(
    { info: (text) => void told.push(text), warning: (text) => void told.push(`warning: ${text}`) },
    { token: given, marker, summary, runUrl: 'https://github.com/octo-org/shop/actions/runs/1001' },
    async () => ({ context, getOctokit }),
  );
  return told;
}

const bodies = () => github.comments.get(7)?.map(({ body }) => body) ?? [];

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

  it.each<[string, How, boolean, RegExp]>([
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
  ])('that can not be written is a warning: %s', async (_, how, mayWrite, said) => {
    github = await startGithub(token, { mayWrite });
    expect(await comment('plan', how)).toEqual([expect.stringMatching(said)]);
    expect(bodies()).toEqual([]);
  });

  it('that can not be written is a warning: GitHub is out of reach', async () => {
    github = await startGithub(token);
    await github.close();
    expect(await comment('plan')).toEqual([
      expect.stringMatching(/#7: .*ECONNREFUSED.*The job summary has/s),
    ]);
  });

  it('is not written for a push', async () => {
    github = await startGithub(token);
    expect(await comment('plan', { event: {} })).toEqual([]);
    expect(github.calls).toEqual([]);
  });
});
