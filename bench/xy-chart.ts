import { colours, drawing, element, ink, line, text } from './svg.ts';

/** What one axis shows. All values are above 0: both axes are logarithmic. */
export interface Axis {
  label: string;
  ticks: { at: number; label: string }[];
}

export interface Series {
  name: string;
  points: [number, number][];
  /** Joined by a line, or each by itself. */
  joined: boolean;
}

export interface XyChart {
  title: string;
  x: Axis;
  y: Axis;
  series: Series[];
}

/** Of the first six lines, the next six, and so on. */
const dashesOf = ['none', '6 3', '2 3'];

const frame = { left: 70, top: 50, width: 480, height: 330 };

function scale({ ticks }: Axis, [start, length]: [number, number]): (value: number) => number {
  const [first, last] = [Math.log(ticks[0]?.at ?? 1), Math.log(ticks.at(-1)?.at ?? 10)];
  return (value) => start + (length * (Math.log(value) - first)) / (last - first);
}

/** Lines or points between the first and the last tick of two logarithmic axes, with a legend beside them. */
export function xyChart({ title, x, y, series }: XyChart): string {
  const { left, top, width, height } = frame;
  const toX = scale(x, [left, width]);
  const toY = scale(y, [top + height, -height]);
  const faint = { 'stroke-opacity': '0.25' };
  const axes = [
    ...x.ticks.flatMap(({ at, label }) => [
      line([toX(at), top], [toX(at), top + height], faint),
      text(label, { x: toX(at), y: top + height + 18, 'text-anchor': 'middle' }),
    ]),
    ...y.ticks.flatMap(({ at, label }) => [
      line([left, toY(at)], [left + width, toY(at)], faint),
      text(label, { x: left - 8, y: toY(at) + 4, 'text-anchor': 'end' }),
    ]),
    text(x.label, { x: left + width / 2, y: top + height + 38, 'text-anchor': 'middle' }),
    text(y.label, { x: 10, y: top - 12 }),
  ];
  const drawn = series.flatMap(({ name, points, joined }, index) => {
    const colour = colours[index % colours.length] ?? ink;
    const dashes = { 'stroke-dasharray': dashesOf[Math.floor(index / colours.length)] ?? '' };
    const path = points.map(([at, value]) => `${toX(at).toFixed(1)},${toY(value).toFixed(1)}`).join(' ');
    const y = top + 14 + index * 20;
    return [
      ...(joined
        ? [element('polyline', { points: path, fill: 'none', stroke: colour, 'stroke-width': 2, ...dashes })]
        : []),
      ...points.map(([at, value]) =>
        element('circle', {
          cx: toX(at),
          cy: toY(value),
          r: joined ? 3 : 2,
          fill: colour,
          'fill-opacity': '0.6',
        }),
      ),
      joined
        ? line([left + width + 14, y - 3], [left + width + 38, y - 3], {
            ...{ stroke: colour, 'stroke-width': 2 },
            ...dashes,
          })
        : element('rect', { x: left + width + 20, y: y - 9, width: 12, height: 12, fill: colour }),
      text(name, { x: left + width + 44, y: y + 1 }),
    ];
  });
  const heading = text(title, { x: 10, y: 16, 'font-weight': 'bold' });
  return drawing(left + width + 350, top + height + 50, [heading, ...axes, ...drawn]);
}

const times: [number, string][] = [
  [5, '5 s'],
  [10, '10 s'],
  [30, '30 s'],
  [60, '1 min'],
  [120, '2 min'],
  [300, '5 min'],
  [600, '10 min'],
  [1800, '30 min'],
  [3600, '1 h'],
  [7200, '2 h'],
  [4 * 3600, '4 h'],
  [12 * 3600, '12 h'],
  [24 * 3600, '1 day'],
];

/** An axis of times that holds all of these seconds. */
export function timeAxis(label: string, seconds: readonly number[]): Axis {
  const most = Math.max(...seconds);
  const least = Math.min(...seconds);
  const ticks = times.map(([at, words]) => ({ at, label: words }));
  const first = Math.max(
    0,
    ticks.findLastIndex(({ at }) => at <= least),
  );
  const last = ticks.findIndex(({ at }) => at >= most);
  return { label, ticks: ticks.slice(first, last < 0 ? undefined : last + 1) };
}
