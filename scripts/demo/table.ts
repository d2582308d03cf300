import type { DemoRun, Expectation } from './expectations.ts';

const shownOutputs = [
  'status',
  'failure-reason',
  'template-version',
  'previous-template-version',
  'instance-refresh-id',
  'image-digest',
  'url',
];

/** What happened, a column a run; plain text that fits a terminal of 120 columns. */
export function renderTable(runs: DemoRun[]): string {
  const phases = [...new Set(runs.flatMap((run) => run.phases.map(({ name }) => name)))];
  const outputs = shownOutputs.filter((name) => runs.some((run) => run.step.outputs[name]));
  const rows = [
    row('', runs, (run) => `version ${run.demoVersion.number}`),
    row('commit', runs, (run) => run.sha.slice(0, 7)),
    row('result', runs, (run) => run.step.conclusion),
    ...phases.map((phase) => row(`  ${phase}`, runs, (run) => phaseSeconds(run, phase))),
    row('whole run', runs, (run) => `${run.step.seconds.toFixed(1)} s`),
    row('instances before', runs, (run) => shortIds(run.instancesBefore)),
    row('instances after', runs, (run) => shortIds(run.instancesAfter)),
    row('requests sent', runs, ({ load }) => (load ? load.sent.toLocaleString('en') : '–')),
    row('requests failed', runs, ({ load }) => (load ? String(load.failed) : '–')),
    row('latency p50, p99', runs, ({ load }) => latency(load)),
    row('answered by', runs, ({ load }) => answers(load)),
    row('row of version 1', runs, (run) => (run.row.found ? 'there' : 'missing')),
    ...outputs.map((name) => row(name, runs, (run) => shorten(run.step.outputs[name] ?? ''))),
  ];
  const widths = runs.map((_, column) => Math.max(...rows.map((cells) => (cells[column + 1] ?? '').length)));
  const first = Math.max(...rows.map(([label = '']) => label.length));
  const lines = rows.map(([label = '', ...cells]) =>
    [label.padEnd(first), ...cells.map((cell, column) => cell.padEnd(widths[column] ?? 0))]
      .join('   ')
      .trimEnd(),
  );
  lines.splice(1, 0, '─'.repeat(Math.max(...lines.map((line) => line.length))));
  return lines.join('\n');
}

function row(label: string, runs: DemoRun[], cell: (run: DemoRun) => string): string[] {
  return [label, ...runs.map(cell)];
}

function phaseSeconds(run: DemoRun, phase: string): string {
  const seconds = run.phases.find(({ name }) => name === phase)?.seconds;
  return seconds === undefined ? '–' : `${seconds.toFixed(1)} s`;
}

function shortIds(ids: string[]): string {
  return ids.map((id) => id.slice(0, 7)).join(' ') || '–';
}

function latency(load: DemoRun['load']): string {
  return load ? `${load.latencyMilliseconds.p50} ms, ${load.latencyMilliseconds.p99} ms` : '–';
}

function answers(load: DemoRun['load']): string {
  if (!load) return '–';
  return Object.entries(load.versions)
    .map(([version, count]) => `${version || 'nobody'} ${count.toLocaleString('en')}`)
    .join(', ');
}

function shorten(value: string): string {
  return value.length <= 28 ? value : `${value.slice(0, 27)}…`;
}

/** One line an expectation; what was seen is added where it was not met. */
export function renderExpectations(expectations: Expectation[]): string {
  return expectations
    .map(({ text, met, seen }) =>
      met ? `  ✓ ${text}` : `  ✗ ${text} (seen: ${seen === '' ? 'nothing' : seen})`,
    )
    .join('\n');
}
