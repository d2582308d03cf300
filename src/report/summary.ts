import type { DeployError, PlanSummary, RolloutResult } from '../core/index.ts';
import { duration, fullStop, phaseOrder, stopwatch, truncatedList } from '../core/index.ts';
import { editsOf, whatChanged } from './changes.ts';
import type { Section } from './fit.ts';
import { fitted } from './fit.ts';
import { consoleLinks } from './links.ts';
import { code, escape, folded, linesWithin, link, preformatted, table } from './markdown.ts';
import { lineChart, timeline } from './pictures.ts';
import type { RunRecord } from './record.ts';
import { outcomeOf, signs, tookOf } from './record.ts';
import { trafficSection } from './traffic.ts';

/** GitHub takes 1 MiB of a step; the rest is for what the post step may add. */
export const longestSummary = 1_000_000;

/** Pieces of evidence, and ids of instances, that are shown at most. */
const most = { evidence: 20, instances: 6 };
/** Where there is little room. */
const few = { evidence: 3, characters: 800 };

/**
 * The job summary: GitHub Markdown, whole, for success and failure alike. What is asked first comes first: how it ended,
 * why, what to do; what changed; how the rollout went; the plan.
 *
 * @param told `now` in ms since 1970; `bytes` is the room that there is
 */
export function summaryOf(
  record: RunRecord,
  failure: DeployError | undefined,
  { now, bytes = longestSummary }: { now: number; bytes?: number | undefined },
): string {
  const outcome = outcomeOf(record, failure);
  const title = escape(`${record.command} ${record.application} ${record.environment}`.trim());
  const isTried = failure !== undefined;
  const sections: Section[] = [
    { text: `## ${title}: ${signs[outcome]} in ${tookOf(record, now)}` },
    failure === undefined ? { text: record.conclusion?.sentence ?? '' } : failureSection(failure),
    failure === undefined ? refused(record) : { text: '' },
    details(record),
    { text: titled('What changed', whatChanged(record, isTried)) },
    { text: titled('Rollout', rolloutSection(record)) },
    { text: titled('Requests', trafficSection(record.rollout)) },
    { text: facts(record) },
    { text: record.note === '' ? '' : `> [!NOTE]\n> ${escape(record.note)}` },
    { text: phases(record) },
    { text: links(record) },
    plan(record),
  ];
  return fitted(sections, bytes);
}

function titled(title: string, text: string): string {
  return text === '' ? '' : `### ${title}\n\n${text}`;
}

function failureSection(failure: DeployError): Section {
  return {
    text: failureText(failure, most.evidence),
    shorten: () => failureText(failure, few.evidence, few.characters),
  };
}

function failureText(failure: DeployError, pieces: number, characters?: number): string {
  const { evidence, left, next, reason } = failure;
  const more = evidence.length - pieces;
  const rows = [
    ...evidence.slice(0, pieces).map(({ label, text }) => [escape(label), code(text, characters)] as const),
    ...(more > 0 ? [['more evidence', `${more} more: see the log`] as const] : []),
    ...(left === undefined ? [] : [['left', escape(left)] as const]),
    ...(next === undefined ? [] : [['next', escape(next)] as const]),
    ['failure-reason', `\`${reason}\``] as const,
  ];
  return `**${escape(fullStop(failure.message))}**\n\n${table(['', ''], rows)}`;
}

function facts({ outputs, region, rollout }: RunRecord): string {
  const rows: [string, string | undefined][] = [
    ['address', outputs?.url],
    ['region', region],
    ['instances before', rollout && instances(rollout.instancesBefore)],
    ['instances after', rollout && instances(rollout.instancesAfter)],
  ];
  const known = rows.flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [[label, value] as const],
  );
  return known.length === 0 ? '' : table(['what', ''], known);
}

/** The ids of a few; of many, how many they are. */
function instances(ids: readonly string[]): string {
  return ids.length <= most.instances ? ids.map((id) => code(id)).join(' ') : `${ids.length}`;
}

/** How long it took, whether the service kept its capacity, and the picture. */
function rolloutSection({ rollout }: RunRecord): string {
  if (rollout === undefined) return '';
  const { course, outdatedInstances: kept = [] } = rollout;
  const parts = [
    forecastAgainstFact(rollout),
    capacity(rollout),
    kept.length === 0 ? '' : `Another version than ${rollout.templateVersion} keeps ${truncatedList(kept)}.`,
  ].filter((part) => part !== '');
  const { seconds, series, total, spans } = course ?? { seconds: 0, series: [], spans: [] };
  const title = 'Healthy instances';
  const pictures = [
    lineChart(series, { title, axis: 'healthy instances', seconds, total }),
    timeline(spans, 'Instances and stages'),
  ];
  return [parts.join(' '), ...pictures].filter((part) => part !== '').join('\n\n');
}

/** "It took 4 min 2 s; the forecast was 4 min 50 s, of which 3 min are warmup." */
function forecastAgainstFact({ seconds: taken, estimate }: RolloutResult): string {
  if (estimate === undefined) return '';
  const { seconds: expected, mostly } = estimate;
  return `It took ${duration(taken)}; the forecast was ${duration(expected)}${mostly === '' ? '' : `, of which ${mostly}`}.`;
}

function capacity({ course }: RolloutResult): string {
  if (course?.fewest === undefined) return '';
  const { serving, desired, at } = course.fewest;
  return serving >= desired
    ? `Never fewer than ${serving} of ${desired} wanted instances were healthy.`
    : `At the fewest, ${serving} of ${desired} wanted instances were healthy, at ${stopwatch(at)}.`;
}

/** Lines with columns of their own: shown as they are in the log. */
function details({ details: lines }: RunRecord): Section {
  if (lines.length === 0) return { text: '' };
  const shorten = (bytes: number): string => {
    const { kept, left } = linesWithin(lines, bytes - 200);
    return `${preformatted(kept)}\n\n${cut(left, 'lines')}`;
  };
  return { text: preformatted(lines), shorten };
}

function phases(record: RunRecord): string {
  if (record.phases.length === 0) return '';
  const sorted = record.phases.toSorted((one, other) => phaseOrder(one.name) - phaseOrder(other.name));
  return table(
    ['phase', 'time'],
    sorted.map(({ name, seconds: taken }) => [name, duration(taken)] as const),
  );
}

function links(record: RunRecord): string {
  const run = record.runUrl === '' ? [] : [{ label: 'run', address: record.runUrl }];
  return [...consoleLinks(record), ...run].map(({ label, address }) => link(label, address)).join(' · ');
}

/** What a plan that only looked found that deploy would refuse; where deploy refused it, it is the failure. */
function refused({ refused: findings }: RunRecord): Section {
  if (findings.length === 0) return { text: '' };
  const lines = findings.map((line) => `- ${escape(line)}`);
  const shown = (kept: readonly string[]): string =>
    `**deploy would refuse this plan:**\n\n${kept.join('\n')}`;
  const shorten = (bytes: number): string => {
    const { kept, left } = linesWithin(lines, bytes - 200);
    return `${shown(kept)}\n\n${cut(left, 'findings')}`;
  };
  return { text: shown(lines), shorten };
}

function plan({ plan: summary }: RunRecord): Section {
  if (summary === undefined || summary.changes.length === 0) return { text: '' };
  const title = `Terraform: ${summary.add} to add, ${summary.change} to change, ${summary.destroy} to destroy`;
  const lines = diffOf(summary);
  const shown = (kept: readonly string[]): string => folded(title, `\`\`\`diff\n${kept.join('\n')}\n\`\`\``);
  const shorten = (bytes: number): string => {
    const { kept, left } = linesWithin(lines, bytes - 300);
    return `${shown(kept)}\n\n${cut(left, 'lines of the plan')}`;
  };
  return { text: shown(lines), shorten };
}

/** In the form that GitHub colours: what comes green, what goes red, what changes orange. Pure. */
function diffOf(summary: PlanSummary): string[] {
  return summary.changes.flatMap((change) => {
    const address = change.replace(/^\S+ /, '');
    if (!change.startsWith('~ ')) return [change];
    const edits = editsOf(summary, address.split(' ', 1)[0] ?? '');
    return [`! ${address}`, ...edits.map(({ name, from, to }) => `!     ${name}: ${from} → ${to}`)];
  });
}

function cut(left: number, what: string): string {
  return `_${left} more ${what} are left out here, because GitHub takes no longer text: the log has all of them._`;
}
