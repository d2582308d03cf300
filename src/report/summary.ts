import type { DeployError, PlanSummary, RolloutResult, Span } from '../core/index.ts';
import { duration, fullStop, phaseOrder, stopwatch, truncatedList } from '../core/index.ts';
import { addressIn, editsOf, whatChanged } from './changes.ts';
import { commitSection } from './commits.ts';
import type { Section } from './fit.ts';
import { cut, cuttable, fitted } from './fit.ts';
import { consoleLinks } from './links.ts';
import { code, escape, folded, link, preformatted, separateLines, table } from './markdown.ts';
import { lineChart, timeline } from './pictures.ts';
import type { RunRecord } from './record.ts';
import { outcomeOf, signOf, tookOf } from './record.ts';
import { shareSpans, trafficSection } from './traffic.ts';

/** GitHub takes 1 MiB of a step; the rest is for what the post step may add. */
export const longestSummary = 1_000_000;

/** Pieces of evidence, ids of instances, and warnings that are shown at most. */
const most = { evidence: 20, instances: 6, warnings: 20 };
/** Characters of a sentence; and what a failure has where there is little room, as a warning always. */
const words = 4000;
const few = { evidence: 3, characters: 800, words: 1500 };
/** Characters of a name or label. */
const longestName = 200;

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
  const title = escape(`${record.command} ${record.application} ${record.environment}`, longestName);
  const isTried = failure !== undefined;
  const sections: Section[] = [
    { text: `## ${title}: ${signOf(outcome, record)} in ${tookOf(record, now)}` },
    failure === undefined
      ? { text: escape(record.conclusion?.sentence ?? '', words) }
      : failureSection(failure),
    failure === undefined ? refused(record) : { text: '' },
    cuttable(separateLines(record.details), 'lines', preformatted),
    { name: 'what changed', text: titled('What changed', whatChanged(record, isTried)) },
    commitSection(record, isTried),
    warnings(record),
    rollout(record),
    { name: 'the requests', text: titled('Requests', trafficSection(record.rollout)) },
    { name: 'address and instances', text: facts(record) },
    { name: 'a note', text: record.note === '' ? '' : `> [!NOTE]\n> ${escape(record.note)}` },
    { name: 'the phases', text: phases(record) },
    { name: 'links', text: links(record) },
    plan(record),
  ];
  return fitted(sections, bytes);
}

function titled(title: string, text: string): string {
  return text === '' ? '' : `### ${title}\n\n${text}`;
}

function failureSection(failure: DeployError): Section {
  return {
    text: failureText(failure, { evidence: most.evidence, words }),
    shorten: () => failureText(failure, few),
  };
}

/** `evidence` is how many pieces, `characters` of each; `words` the characters of each sentence. */
function failureText(
  { message, evidence, left, next, reason }: DeployError,
  of: { evidence: number; characters?: number; words: number },
): string {
  const more = evidence.length - of.evidence;
  const rows = [
    ...evidence
      .slice(0, of.evidence)
      .map(({ label, text }) => [escape(label, longestName), code(text, of.characters)] as const),
    ...(more > 0 ? [['more evidence', `${more} more: see the log`] as const] : []),
    ...(left === undefined ? [] : [['left', escape(left, of.words)] as const]),
    ...(next === undefined ? [] : [['next', escape(next, of.words)] as const]),
    ['failure-reason', `\`${reason}\``] as const,
  ];
  return `**${escape(fullStop(message), of.words)}**\n\n${table(['', ''], rows)}`;
}

function facts({ outputs, region, rollout }: RunRecord): string {
  const rows: [string, string | undefined][] = [
    ['address', outputs && escape(outputs.url)],
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

/** How long it took, whether the service kept its capacity, and the pictures. */
function rollout({ rollout }: RunRecord): Section {
  if (rollout === undefined) return { text: '' };
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
    timeline(inRows(spans, shareSpans(rollout)), 'Instances and stages'),
  ];
  const shown = (below: readonly string[]): string =>
    titled('Rollout', [parts.join(' '), ...below].filter((part) => part !== '').join('\n\n'));
  return {
    text: shown(pictures),
    name: 'the rollout',
    shorten: () => shown([cut('The pictures are left out here')]),
  };
}

/** What the rollout as a whole went through first, then who had the requests, then each instance. */
function inRows(spans: readonly Span[], shares: readonly Span[]): Span[] {
  const isStage = ({ kind }: Span): boolean => kind === 'stage';
  return [...spans.filter(isStage), ...shares, ...spans.filter((span) => !isStage(span))];
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

/** What was said on the way: of many, the first, so that they leave the room to what comes after them. */
function warnings({ warnings: all }: RunRecord): Section {
  const different = [...new Set(all)];
  const more = different.length - most.warnings;
  const lines = different.slice(0, most.warnings).map((text) => `- ${escape(text, few.characters)}`);
  if (more > 0) lines.push(`- ${more} more: see the log`);
  return { name: 'the warnings', text: titled('Warnings', lines.join('\n')) };
}

/** What a plan that only looked found that deploy would refuse; where deploy refused it, it is the failure. */
function refused({ refused: findings }: RunRecord): Section {
  const show = (kept: readonly string[]): string =>
    `**deploy would refuse this plan:**\n\n${kept.join('\n')}`;
  return cuttable(
    findings.map((line) => `- ${escape(line)}`),
    'findings',
    show,
  );
}

function plan({ plan: summary }: RunRecord): Section {
  if (summary === undefined) return { text: '' };
  const title = `Terraform: ${summary.add} to add, ${summary.change} to change, ${summary.destroy} to destroy`;
  const show = (kept: readonly string[]): string => folded(title, `\`\`\`diff\n${kept.join('\n')}\n\`\`\``);
  return cuttable(separateLines(diffOf(summary)), 'lines of the plan', show);
}

/** In the form that GitHub colours: what comes green, what goes red, what changes orange. Pure. */
function diffOf(summary: PlanSummary): string[] {
  const edits = editsOf(summary);
  return summary.changes.flatMap((change) => {
    if (!change.startsWith('~ ')) return [change];
    const own = edits.get(addressIn(change)) ?? [];
    return [`! ${change.slice(2)}`, ...own.map(({ name, from, to }) => `!     ${name}: ${from} → ${to}`)];
  });
}
