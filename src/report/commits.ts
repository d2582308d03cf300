import type { Commits } from '../core/index.ts';
import { shortCommit } from '../core/index.ts';
import type { Section } from './fit.ts';
import { cut } from './fit.ts';
import { clippedLine, escape, link } from './markdown.ts';
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
  const came = isTried ? `${counted(added)} tried` : counted(added, 'new ');
  const went = `${counted(removed)} ${isTried ? 'left out' : 'taken back'}`;
  const [forth, back] = [comparison(record, 'forth'), comparison(record, 'back')];
  const lists = [list(added, came, record, forth), list(removed, went, record, back)];
  return {
    name: 'the commits',
    text: lists.filter((one) => one !== '').join('\n\n'),
    shorten: () => cut('The commits are left out here'),
  };
}

/** A commit by its first digits, as a link to it. */
export function commitLink(repositoryUrl: string, sha: string): string {
  return link(shortCommit(sha), `${repositoryUrl}/commit/${sha}`);
}

/** Where GitHub compares what ran before with what runs now, or the other way round. */
function comparison({ repositoryUrl, previous, commit: now }: RunRecord, way: 'forth' | 'back'): string {
  const before = previous?.commit ?? '';
  return `${repositoryUrl}/compare/${way === 'forth' ? `${before}...${now}` : `${now}...${before}`}`;
}

/**
 * The link to that, "compare" or, on the way back, "taken back": GitHub shows nothing from the newer commit to the older.
 * '' where one of the two is not known, or both are the same.
 */
export function comparisonLink(record: RunRecord): string {
  const { command, repositoryUrl, previous, commit: now, commits } = record;
  const before = previous?.commit ?? '';
  if (repositoryUrl === '' || before === '' || now === '' || before === now) return '';
  const isBack = commits === undefined ? command === 'rollback' : commits.added.total === 0;
  return isBack
    ? link('taken back', comparison(record, 'back'))
    : link('compare', comparison(record, 'forth'));
}

function list({ total, newest }: Commits, title: string, { repositoryUrl }: RunRecord, all: string): string {
  if (total === 0) return '';
  const shown = newest.slice(0, most);
  const lines = shown.map(({ sha, subject, author }) => {
    const by = author === '' ? '' : ` (${escape(clippedLine(author, longestAuthor))})`;
    return `- ${commitLink(repositoryUrl, sha)} ${escape(clippedLine(subject, longestSubject))}${by}`;
  });
  const more = total - shown.length;
  if (more > 0) lines.push(`- ${link(`${more} more`, all)}`);
  return `**${title}**\n\n${lines.join('\n')}`;
}

function counted({ total }: Commits, which = ''): string {
  return `${total} ${which}${total === 1 ? 'commit' : 'commits'}`;
}
