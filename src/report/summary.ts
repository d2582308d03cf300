import type { DeployError, RolloutResult } from '../core/index.ts';
import { duration, fullStop, shortCommit, shortDigest } from '../core/index.ts';
import { consoleLinks } from './links.ts';
import type { Outcome, RunRecord } from './record.ts';
import { outcomeOf, tookOf } from './record.ts';

const signs: Record<Outcome, string> = {
  deployed: '✅ deployed',
  'partly-replaced': '✅ partly replaced',
  'no-instances': '⚠️ saved, no instance runs',
  paused: '⏸️ paused',
  aborted: '✅ taken back',
  unchanged: '✅ nothing to deploy',
  planned: '✅ planned',
  reported: '✅ looked',
  destroyed: '✅ destroyed',
  'rolled-back': '❌ rolled back',
  failed: '❌ failed',
  cancelled: '⚠️ cancelled',
};

/** The job summary: GitHub Markdown, whole, for success and failure alike. */
export function summaryOf(record: RunRecord, failure: DeployError | undefined, now: number): string {
  const outcome = signs[outcomeOf(record, failure)];
  return [
    `## ${escape(`${record.command} ${record.application} ${record.environment}`.trim())}: ${outcome} in ${tookOf(record, now)}`,
    failure === undefined ? (record.conclusion?.sentence ?? '') : failureSection(failure),
    details(record),
    facts(record),
    traffic(record),
    phases(record),
    ...(failure === undefined ? [refused(record)] : []),
    plan(record),
    consoleLinks(record)
      .map(({ label, address }) => `[${label}](${address})`)
      .join(' · '),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function failureSection(failure: DeployError): string {
  const rows = [
    ...failure.evidence.map(({ label, text }) => [escape(label), code(text)] as const),
    ...(failure.left === undefined ? [] : [['left', escape(failure.left)] as const]),
    ...(failure.next === undefined ? [] : [['next', escape(failure.next)] as const]),
    ['failure-reason', `\`${failure.reason}\``] as const,
  ];
  return `**${escape(fullStop(failure.message))}**\n\n${table(['', ''], rows)}`;
}

function facts({ image, rollout, outputs, commit, region }: RunRecord): string {
  const versions =
    rollout?.previousTemplateVersion === undefined
      ? rollout?.templateVersion
      : `${rollout.previousTemplateVersion} → ${rollout.templateVersion}`;
  const rows: [string, string | number | undefined][] = [
    ['address', outputs?.url],
    ['image', image === undefined ? undefined : code(`${image.repository}:${image.tag}`)],
    ['digest', image === undefined ? undefined : code(shortDigest(image.digest))],
    ['commit', commit === '' ? undefined : code(shortCommit(commit))],
    ['region', region === '' ? undefined : region],
    ['template version', versions],
    ['rollout time', rollout && rolloutTime(rollout)],
    ['instances before', rollout?.instancesBefore.map(code).join(' ')],
    ['instances after', rollout?.instancesAfter.map(code).join(' ')],
  ];
  const known = rows.flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [[label, String(value)] as const],
  );
  return known.length === 0 ? '' : table(['what', ''], known);
}

/** How the requests were shifted, and what each share was judged to be. */
function traffic({ rollout }: RunRecord): string {
  const { shifts = [], judgements = [], minutes = [], secondsToUndo } = rollout?.traffic ?? {};
  if (shifts.length + judgements.length === 0) return '';
  const rows = [
    ...shifts.map(({ seconds, weight }) => ({
      seconds,
      what: `${weight} % of the requests to the new version`,
    })),
    ...judgements.map(({ seconds, weight, verdict, because }) => ({
      seconds,
      what: `judged at ${weight} %: ${verdict}: ${because}`,
    })),
  ].toSorted((one, other) => one.seconds - other.seconds);
  const seen = minutes.reduce((sum, { current }) => sum + current.requests, 0);
  const failed = minutes.reduce((sum, { current }) => sum + current.errors, 0);
  const all = minutes.reduce((sum, { previous }) => sum + previous.requests, seen);
  return table(
    ['after', 'what became of the requests'],
    [
      ...rows.map(({ seconds, what }) => [duration(seconds), escape(what)] as const),
      ...(all === 0
        ? []
        : [
            [
              'judged',
              `${seen} of ${all} requests of these minutes reached the new version, ${failed} of them failed`,
            ] as const,
          ]),
      ...(secondsToUndo === undefined
        ? []
        : [['back', `${duration(secondsToUndo)} from the verdict to the weights of before`] as const]),
    ],
  );
}

/** "4 min 2 s; the forecast was 4 min 50 s, of which 3 min are warmup" */
function rolloutTime({ seconds: taken, estimate }: RolloutResult): string | undefined {
  if (estimate === undefined) return undefined;
  const { seconds: expected, mostly } = estimate;
  return `${duration(taken)}; the forecast was ${duration(expected)}${mostly === '' ? '' : `, of which ${mostly}`}`;
}

/** Lines with columns of their own: shown as they are in the log. */
function details({ details: lines }: RunRecord): string {
  if (lines.length === 0) return '';
  const text = lines.join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<pre>\n${text}\n</pre>`;
}

function phases(record: RunRecord): string {
  if (record.phases.length === 0) return '';
  return table(
    ['phase', 'time'],
    record.phases.map(({ name, seconds: taken }) => [name, duration(taken)] as const),
  );
}

/** What a plan that only looked found that deploy would refuse; where deploy refused it, it is the failure. */
function refused({ refused: lines }: RunRecord): string {
  if (lines.length === 0) return '';
  return `**deploy would refuse this plan:**\n\n${lines.map((line) => `- ${escape(line)}`).join('\n')}`;
}

function plan({ plan: summary }: RunRecord): string {
  if (summary === undefined || summary.changes.length === 0) return '';
  const title = `Terraform: ${summary.add} to add, ${summary.change} to change, ${summary.destroy} to destroy`;
  return `<details><summary>${title}</summary>\n\n\`\`\`\n${summary.changes.join('\n')}\n\`\`\`\n\n</details>`;
}

function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  return [`| ${head.join(' | ')} |`, '| --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  );
}

/** What others said must not become Markdown or HTML of ours, nor end a table's cell. */
function escape(text: string): string {
  return text.replace(/[\\|<>[\]*_`]/g, '\\$&').replaceAll('\n', '<br>');
}

function code(text: string): string {
  const html = text.trim().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<code>${html.replaceAll('|', '&#124;').replaceAll('\n', '<br>')}</code>`;
}
