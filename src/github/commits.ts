import { setTimeout as sleep } from 'node:timers/promises';
import type { CommitRange, Commits } from '../core/index.ts';
import type { Github } from './octokit.ts';
import { answeredStatus, isForbidden, nextStep, openGithub, whyNot } from './octokit.ts';

/** Two commits of a repository, 40 hex digits each: what ran before, and what runs now. */
export interface CommitPair {
  before: string;
  now: string;
}

interface Tell {
  debug: (text: string) => void;
  warning: (text: string) => void;
}

/** Commits of a page: GitHub gives no more at once. */
const pageSize = 100;
/** A summary waits no longer for its list. */
const longestWaitMilliseconds = 8_000;

const none: Commits = { total: 0, newest: [] };

/**
 * What came and what went between two commits, by GitHub. A deployment is none the worse where GitHub does not say: a
 * permission that is missing is one warning, anything else is known to the debug log.
 *
 * @param sha the commit of the job, which its repository has
 * @returns undefined where GitHub does not say
 */
export async function commitsBetween(
  tell: Tell,
  { token, sha }: { token: string; sha: string },
  { before, now }: CommitPair,
): Promise<CommitRange | undefined> {
  try {
    const tooLong = sleep(longestWaitMilliseconds, undefined, { ref: false });
    return await Promise.race([asked(token, { before, now }), tooLong]);
  } catch (error) {
    const text = `GitHub does not list the commits of this deployment: ${whyNot(error)}`;
    if (await mayNotRead(error, token, sha))
      tell.warning(`${text}. ${nextStep(error, 'contents: read') ?? ''}.`);
    else tell.debug(text);
    return undefined;
  }
}

async function asked(token: string, { before, now }: CommitPair): Promise<CommitRange> {
  const github = await openGithub(token);
  const { commits: added, behind } = await compare(github, { from: before, to: now });
  const removed = behind === 0 ? none : (await compare(github, { from: now, to: before })).commits;
  return { added, removed };
}

/** Commits that `to` has and `from` has not, and how many it is behind. https://docs.github.com/rest/commits/commits#compare-two-commits */
async function compare(
  { rest, context }: Github,
  { from, to }: { from: string; to: string },
): Promise<{ commits: Commits; behind: number }> {
  const page = async (number: number) => {
    const { data } = await rest.repos.compareCommitsWithBasehead({
      ...context.repo,
      ...{ basehead: `${from}...${to}`, per_page: pageSize, page: number },
    });
    return data;
  };
  const first = await page(1);
  const total = first.ahead_by;
  // Oldest first: the newest stand on the last page.
  const last = total > pageSize ? await page(Math.ceil(total / pageSize)) : first;
  const newest = last.commits.toReversed().map(({ sha, commit, author }) => ({
    sha,
    subject: commit.message.split('\n', 1)[0] ?? '',
    author: author?.login ?? commit.author?.name ?? '',
  }));
  return { commits: { total, newest }, behind: first.behind_by };
}

/** GitHub answers 404 as well for what a token may not see as for a commit that the repository has not. */
async function mayNotRead(error: unknown, token: string, sha: string): Promise<boolean> {
  if (!isForbidden(error)) return false;
  if (answeredStatus(error) === 403 || sha === '') return true;
  try {
    const { rest, context } = await openGithub(token);
    await rest.repos.getCommit({ ...context.repo, ref: sha, per_page: 1 });
    return false;
  } catch (own) {
    return isForbidden(own);
  }
}
