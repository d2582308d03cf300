import { setTimeout as sleep } from 'node:timers/promises';
import type { CommitRange, Commits, Comparison } from '../core/index.ts';
import type { Github } from './octokit.ts';
import { answeredStatus, isForbidden, nextStep, openGithub, whyNot } from './octokit.ts';
import type { Tell } from './tell.ts';

/** Commits of a page: GitHub gives no more at once. */
const pageSize = 100;
/** So many of the newest are found, or all. */
const wanted = 10;
/** The end of a run waits no longer for the list. */
const longestWaitMilliseconds = 5_000;

const none: Commits = { total: 0, newest: [] };

interface Asker {
  token: string;
  /** The commit of the job, which its repository has. */
  sha: string;
  /** Ends the wait for the answer. */
  signal: AbortSignal;
  /** Milliseconds; five seconds where it is left out. */
  longestWait?: number;
}

/**
 * What `head` has and `base` has not, and the other way round, by GitHub. A deployment is none the worse where GitHub does
 * not say: a permission that is missing is one warning, anything else is known to the debug log.
 *
 * @returns undefined where GitHub does not say, or not in time
 */
export async function compareCommits(
  tell: Pick<Tell, 'warning' | 'debug'>,
  { token, sha, signal, longestWait = longestWaitMilliseconds }: Asker,
  comparison: Comparison,
): Promise<CommitRange | undefined> {
  const found = await inTime(ask(token, sha, comparison), signal, longestWait);
  if ('added' in found) return found;
  const text = `GitHub does not list the commits of this deployment: ${found.why}`;
  if ('next' in found) tell.warning(`${text}. ${found.next}.`);
  else tell.debug(text);
  return undefined;
}

/** The answer, or why it is waited for no longer. */
async function inTime<T>(
  answer: Promise<T>,
  signal: AbortSignal,
  milliseconds: number,
): Promise<T | { why: string }> {
  const ended = new AbortController();
  const late = sleep(milliseconds, { why: 'no answer in time' }, { signal: ended.signal });
  const cancelled = new Promise<{ why: string }>((resolve) => {
    const giveUp = (): void => resolve({ why: 'the job was cancelled' });
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true, signal: ended.signal });
  });
  try {
    return await Promise.race([answer, late, cancelled]);
  } finally {
    late.catch(() => undefined);
    ended.abort();
  }
}

/** The range, or why there is none, and what to do about it where that is a permission. */
async function ask(
  token: string,
  sha: string,
  { base, head }: Comparison,
): Promise<CommitRange | { why: string } | { why: string; next: string }> {
  try {
    const github = await openGithub(token);
    const { commits: added, behind } = await compare(github, { base, head });
    const removed = behind === 0 ? none : (await compare(github, { base: head, head: base })).commits;
    return { added, removed };
  } catch (error) {
    const why = whyNot(error);
    const next = (await mayNotRead(error, token, sha)) ? nextStep(error, 'contents: read') : undefined;
    return next === undefined ? { why } : { why, next };
  }
}

/** https://docs.github.com/rest/commits/commits#compare-two-commits */
async function compare(
  { rest, context }: Github,
  { base, head }: Comparison,
): Promise<{ commits: Commits; behind: number }> {
  const page = async (number: number) => {
    const { data } = await rest.repos.compareCommitsWithBasehead({
      ...context.repo,
      ...{ basehead: `${base}...${head}`, per_page: pageSize, page: number },
    });
    return data;
  };
  const first = await page(1);
  const total = first.ahead_by;
  // Oldest first: the newest stand on the last page, which may have one alone.
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const last = pages === 1 ? first : await page(pages);
  const isShort = pages > 1 && last.commits.length < wanted;
  const before = !isShort ? [] : (pages === 2 ? first : await page(pages - 1)).commits;
  const newest = [...before, ...last.commits].toReversed().map(({ sha, commit, author }) => ({
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
