import type { CommitRange, Commits } from '../core/index.ts';
import { shortCommit } from '../core/index.ts';
import type { Section } from './fit.ts';
import { cut } from './fit.ts';
import { escape, link } from './markdown.ts';
import type { RunRecord } from './record.ts';

/** Commits of one list that are shown at most, and characters of a commit's first line. */
const most = 10;
const longestSubject = 120;
const longestAuthor = 60;

/**
 * The commits between what ran before and what runs now, newest first. Pure.
 *
 * @param isTried the rollout did not stay
 */
export function commitSection(record: RunRecord, isTried: boolean): Section {
  const { commits, repositoryUrl } = record;
  if (commits === undefined || repositoryUrl === '') return { text: '' };
  const { added, removed } = commits;
  const came = isTried ? `${counted(added)} that did not stay` : counted(added, 'new ');
  const went = `${counted(removed)} ${isTried ? 'that it left out' : 'taken back'}`;
  const lists = [list(added, came, record, 'added'), list(removed, went, record, 'removed')];
  return {
    name: 'the commits',
    text: lists.filter((one) => one !== '').join('\n\n'),
    shorten: () => cut('The commits are left out here'),
  };
}

function list(
  { total, newest }: Commits,
  title: string,
  { repositoryUrl, previous, commit: now }: RunRecord,
  side: keyof CommitRange,
): string {
  if (total === 0) return '';
  const before = previous?.commit ?? '';
  const range = side === 'added' ? `${before}...${now}` : `${now}...${before}`;
  const shown = newest.slice(0, most);
  const lines = shown.map(({ sha, subject, author }) => {
    const by = author === '' ? '' : ` (${escape(author, longestAuthor)})`;
    return `- ${link(shortCommit(sha), `${repositoryUrl}/commit/${sha}`)} ${escape(subject, longestSubject)}${by}`;
  });
  const more = total - shown.length;
  if (more > 0) lines.push(`- ${link(`${more} more`, `${repositoryUrl}/compare/${range}`)}`);
  return `**${title}**\n\n${lines.join('\n')}`;
}

function counted({ total }: Commits, which = ''): string {
  return `${total} ${which}${total === 1 ? 'commit' : 'commits'}`;
}
