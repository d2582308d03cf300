import type { Series, Span } from '../core/index.ts';

/**
 * Pictures in Mermaid, which GitHub draws in a job summary and a comment, in the colours of the reader's theme; an SVG it
 * would not show. https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams
 */

/** Colours that show on a light and on a dark page, and the sign of each for the legend, which Mermaid has none of. */
const colours = [
  ['#388bfd', '🟦'],
  ['#f0883e', '🟧'],
  ['#a371f7', '🟪'],
  ['#3fb950', '🟩'],
  ['#d29922', '🟨'],
] as const;
/** For what the others add up to. */
const grey = ['#8b949e', '⬜'] as const;

/** The width of a line, as a part of the axis. */
const hair = 0.012;

/** Points that a line is drawn with at most. */
const mostPoints = 60;

/**
 * Figures over time as lines, each holding its value until the next point, with a legend. Pure.
 *
 * @param series in the order in which they are drawn, the last one on top
 * @param about `title`; `axis` names the values; `seconds` is where the time ends; `total` is what the others add up to
 * @returns Markdown, or '' where there is nothing to draw: no time, or no figure that is known
 */
export function lineChart(
  series: readonly Series[],
  {
    title,
    axis,
    seconds,
    total,
  }: { title: string; axis: string; seconds: number; total?: Series | undefined },
): string {
  const known = series.filter(({ points }) => points.length > 0).slice(0, colours.length);
  const drawn = total === undefined ? known : [total, ...known];
  if (drawn.length === 0 || seconds < 1) return '';
  const unit = timeUnit(seconds);
  const count = Math.max(2, Math.min(mostPoints, Math.ceil(seconds) + 1));
  const times = Array.from({ length: count }, (_, index) => (index * seconds) / (count - 1));
  const values = drawn.map(({ points }) => sampled(points, times));
  const highest = niceMaximum(Math.max(1, ...values.flat()));
  const lines = apart(values, total === undefined ? 0 : 1, highest);
  const colour = total === undefined ? colours : [grey, ...colours];
  const palette = drawn.map((_, index) => colour[index]?.[0]).join(', ');
  const legend = drawn.map(({ name }, index) => `${colour[index]?.[1] ?? ''} ${name}`).join(' · ');
  const chart = [
    '---',
    'config:',
    '  xyChart:',
    '    width: 800',
    '    height: 300',
    '  themeVariables:',
    '    xyChart:',
    '      backgroundColor: transparent',
    `      plotColorPalette: "${palette}"`,
    '---',
    'xychart-beta',
    `  accTitle: ${plain(title)}`,
    `  accDescr: ${drawn.map((one) => described(one)).join('; ')}`,
    `  x-axis "${unit.name}" 0 --> ${round(seconds / unit.seconds)}`,
    `  y-axis "${plain(axis)}" 0 --> ${highest}`,
    ...lines.map((line) => `  line [${line.join(', ')}]`),
  ];
  return `${fenced(chart)}\n\n<sub>${legend}</sub>`;
}

/**
 * What went on when, a row for each `row`, in the order in which the rows first come. Pure.
 *
 * @returns Markdown, or '' where there is nothing to draw
 */
export function timeline(spans: readonly Span[], title: string): string {
  const end = Math.max(0, ...spans.map(({ to }) => to));
  const rows = new Map<string, Span[]>();
  for (const span of spans) rows.set(span.row, [...(rows.get(span.row) ?? []), span]);
  if (rows.size === 0 || end < 1) return '';
  const longest = Math.max(...[...rows.keys()].map((row) => row.length));
  const chart = [
    '---',
    // Spans of one row follow each other: they share a line.
    'displayMode: compact',
    'config:',
    '  gantt:',
    `    leftPadding: ${Math.min(190, 24 + 7 * longest)}`,
    '    barHeight: 18',
    '    barGap: 4',
    '    topPadding: 50',
    // In the dark theme of earlier versions the text on it is as bright as the theme's own colour.
    '  themeVariables:',
    '    doneTaskBkgColor: "#7d8590"',
    '    doneTaskBorderColor: "#7d8590"',
    '---',
    'gantt',
    `  title ${plain(title)}`,
    `  accTitle: ${plain(title)}`,
    // Times of a day without a zone: as seconds since 1970 they would be shown in the reader's.
    '  dateFormat YYYY-MM-DD HH:mm:ss',
    `  axisFormat ${end < 3600 ? '%M:%S' : '%H:%M'}`,
    `  tickInterval ${tickInterval(end)}`,
    '  todayMarker off',
    ...[...rows].flatMap(([row, own]) => [
      `  section ${plain(row)}`,
      ...own.map((span, index) => taskLine(span, index + 1 < own.length, end)),
    ]),
  ];
  return fenced(chart);
}

const tags: Record<Span['kind'], string> = {
  stage: '',
  before: 'done, ',
  waiting: 'active, ',
  working: '',
  bad: 'crit, ',
};

/** A name that does not fit into its bar would be written over the next one: it is left out. */
function taskLine({ name, from, to, kind }: Span, isFollowed: boolean, end: number): string {
  const fits = !isFollowed || (to - from) / end > name.length / 110;
  return `    ${fits ? plain(name) : '·'} :${tags[kind]}${dateOf(from)}, ${dateOf(Math.max(to, from + 1))}`;
}

function dateOf(seconds: number): string {
  return new Date(Date.UTC(2000, 0, 1) + Math.round(seconds) * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
}

/** At most eight marks on the axis; Mermaid counts in one unit. */
function tickInterval(seconds: number): string {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800];
  const step = steps.find((each) => seconds / each <= 8) ?? 86_400;
  if (step < 60) return `${step}second`;
  return step < 3600 ? `${step / 60}minute` : `${step / 3600}hour`;
}

/**
 * Lines of which none covers another: those of one value are drawn a hair above each other. Those before `first` may be
 * covered.
 */
function apart(lines: readonly number[][], first: number, highest: number): number[][] {
  return lines.map((line, index) => {
    const above = lines.slice(index + 1);
    return index < first
      ? line
      : line.map((value, at) => {
          const same = above.filter((other) => other[at] === value).length;
          return same === 0 ? value : Math.round(100 * (value + same * hair * highest)) / 100;
        });
  });
}

function timeUnit(seconds: number): { name: string; seconds: number } {
  if (seconds <= 180) return { name: 'seconds', seconds: 1 };
  return seconds <= 3 * 3600 ? { name: 'minutes', seconds: 60 } : { name: 'hours', seconds: 3600 };
}

/** A value for each time: of those since the time before, the farthest from it, so that no short dip is lost. */
function sampled(points: Series['points'], times: readonly number[]): number[] {
  const values: number[] = [];
  let [, last = 0] = points[0] ?? [];
  let next = 0;
  for (const time of times) {
    const before = values.at(-1) ?? last;
    let farthest = last;
    for (; next < points.length && (points[next]?.[0] ?? 0) <= time; next += 1) {
      last = points[next]?.[1] ?? last;
      if (Math.abs(last - before) > Math.abs(farthest - before)) farthest = last;
    }
    values.push(round(farthest === before ? last : farthest));
  }
  return values;
}

/** Room above the highest line; below 8, where Mermaid would write a mark for each fifth of one, there are fewer marks. */
function niceMaximum(highest: number): number {
  const room = Math.ceil(highest) + Math.ceil(highest / 10);
  return [5, 8].find((most) => room <= most) ?? room;
}

/** "version 42 from 0 to 6": the picture for those who do not see it. */
function described({ name, points }: Series): string {
  return `${plain(name)} from ${round(points[0]?.[1] ?? 0)} to ${round(points.at(-1)?.[1] ?? 0)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What Mermaid would read as a sign of its own goes. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N} ,.()%/_-]/gu, ' ').trim();
}

function fenced(lines: readonly string[]): string {
  return ['```mermaid', ...lines, '```'].join('\n');
}
