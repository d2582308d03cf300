import type { PlanSummary, ResourceEdit } from '../core/index.ts';
import { shortCommit, truncatedList } from '../core/index.ts';
import { commitLink, comparisonLink } from './commits.ts';
import { code, escape, table } from './markdown.ts';
import type { RunRecord } from './record.ts';

/** Resources that are named at most where configuration changed. */
const mostResources = 5;

/**
 * What a rollout brought, beside what ran before: versions, images, commits and configuration. Pure.
 *
 * @param isTried it did not stay
 * @returns Markdown, or '' where there was no rollout
 */
export function whatChanged(record: RunRecord, isTried: boolean): string {
  const { rollout, previous, image, commit } = record;
  if (rollout === undefined) return '';
  const { previousTemplateVersion: before, templateVersion: now } = rollout;
  const rows: [string, string][] = [
    ['template version', before === undefined ? String(now) : `${before} → ${now}`],
    [isTried ? 'image that was tried' : 'image', imageOf(image?.reference ?? '', image?.tag)],
    ['image before', imageOf(previous?.image ?? '')],
    ['commit', commitsOf(record, previous?.commit ?? '', commit)],
    ['configuration', configuration(record)],
  ];
  return table(
    ['what', ''],
    rows.filter(([, value]) => value !== ''),
  );
}

/** A digest whole: a tag may move, and eight digits name nothing. */
function imageOf(reference: string, tag = ''): string {
  if (reference === '') return '';
  return tag === '' || reference.includes(tag) ? code(reference) : `${code(reference)} (${escape(tag)})`;
}

/** "c09d11e → 4e1a2b7 (compare)" */
function commitsOf(record: RunRecord, before: string, now: string): string {
  const { repositoryUrl } = record;
  const shown = [...new Set([before, now])].flatMap((commit) => {
    if (commit === '') return [];
    return [repositoryUrl === '' ? code(shortCommit(commit)) : commitLink(repositoryUrl, commit)];
  });
  const between = comparisonLink(record);
  return `${shown.join(' → ')}${between === '' ? '' : ` (${between})`}`;
}

/** Resources that this run changed, with the names of their attributes where they are known. */
function configuration({ plan, applied }: RunRecord): string {
  if (!applied || plan === undefined) return '';
  const edits = editsOf(plan);
  const named = plan.changes.map((change) => {
    const names = (edits.get(addressIn(change)) ?? []).map(({ name }) => name);
    return names.length === 0 ? change : `${change} (${truncatedList(names, 4)})`;
  });
  return named.length === 0 ? '' : escape(truncatedList(named, mostResources));
}

/** What a plan changes within resources, by their address. */
export function editsOf({ edits = [] }: PlanSummary): Map<string, ResourceEdit['attributes']> {
  return new Map(edits.map(({ address, attributes }) => [address, attributes]));
}

/** The address in a line of a plan: "~ aws_lb.main (imported from …)". */
export function addressIn(change: string): string {
  return change.replace(/^\S+ /, '').replace(/ \((?:moved|imported) from .*$/s, '');
}
