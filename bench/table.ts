import type { Row } from './figure.ts';
import type { Measured, Results } from './results.ts';
import type { Spread } from './statistics.ts';

/** "1,234", "12.3", "0.45" */
export function number(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** "30.4 (29.9 to 31.2)"; the median alone where nothing was repeated. */
export function spread({ median, min, max, count }: Spread, unit = ''): string {
  const end = unit === '' ? '' : ` ${unit}`;
  return count === 1
    ? `${number(median)}${end}`
    : `${number(median)} (${number(min)} to ${number(max)})${end}`;
}

const head = ['figure', 'median (min to max)', 'against', 'ratio', 'aim'];

function cells(row: Row): string[] {
  const { against, ratio, aim } = row;
  return [
    row.what,
    spread(row.value, row.unit),
    against === undefined ? '' : `${against.what}: ${spread(against.value, row.unit)}`,
    ratio === undefined ? '' : spread(ratio),
    aim === undefined ? 'reported' : `${aim.text} ${aim.met ? '✓' : '✗'}`,
  ];
}

/** For a terminal. */
export function terminalTable(title: string, rows: readonly Row[]): string {
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const padded = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const notes = rows.flatMap(({ what, note }) => (note === undefined ? [] : [`  ${what}: ${note}`]));
  return [title, '─'.repeat(title.length), ...padded, ...notes, ''].join('\n');
}

/** For docs/performance.md. */
export function markdown({ machine, figures }: Results): string[] {
  const versions = Object.entries(machine.versions).map(
    ([name, version]) => `${name} ${version || 'missing'}`,
  );
  return [
    '',
    `Measured on ${machine.cores} cores (${machine.processor || 'unknown processor'}), ${machine.memoryGb} GB, ${machine.system}, ${versions.join(', ')}.`,
    ...Object.entries(figures).flatMap(([name, figure]) => ['', ...section(name, figure)]),
    '',
  ];
}

function section(name: string, figure: Measured): string[] {
  const { rows, load } = figure;
  const line = (values: string[]): string =>
    `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `### ${figure.title}`,
    '',
    figure.how,
    '',
    line(head),
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => line(cells(row))),
    ...rows.flatMap(({ what, note }) => (note === undefined ? [] : ['', `*${what}*: ${note}`])),
    ...(figure.chart === undefined ? [] : ['', `![${figure.title}](../bench/results/${figure.chart})`]),
    ...(figure.leftOut.length === 0 ? [] : ['', `Left out: ${figure.leftOut.join(' ')}`]),
    '',
    `\`npm run bench -- ${name}\`, ${figure.at}, ${number(Math.round(figure.seconds))} s; the machine's load was ${load.before} before and ${load.after} after.`,
  ];
}
