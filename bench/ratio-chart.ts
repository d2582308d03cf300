import type { Measured } from './results.ts';
import { colours, drawing, element, line, text } from './svg.ts';

const left = 330;
const plot = 420;
const rowHeight = 26;

/** Every ratio as a bar from its smallest to its largest, with its median; 1 is "as fast as what it is held against". */
export function ratioChart(figures: Record<string, Measured>): string {
  const rows = Object.values(figures).flatMap((figure) =>
    figure.rows.flatMap(({ what, ratio, aim }) =>
      ratio === undefined ? [] : [{ what, ratio, met: aim?.met }],
    ),
  );
  const largest = Math.max(1.5, ...rows.map(({ ratio }) => ratio.max));
  const at = (value: number): number => left + (plot * value) / largest;
  const height = 50 + rows.length * rowHeight;
  const parts = rows.flatMap(({ what, ratio, met }, index) => {
    const y = 40 + index * rowHeight;
    const colour = met === false ? (colours[1] ?? '') : (colours[0] ?? '');
    const bar = { x: at(ratio.min), y: y - 5, width: Math.max(1, at(ratio.max) - at(ratio.min)), height: 10 };
    return [
      text(what, { x: left - 10, y: y + 4, 'text-anchor': 'end' }),
      element('rect', { ...bar, fill: colour, 'fill-opacity': '0.4' }),
      element('circle', { cx: at(ratio.median), cy: y, r: 5, fill: colour }),
      text(ratio.median.toFixed(2), { x: at(ratio.max) + 9, y: y + 4 }),
    ];
  });
  const title = text('Ratios: what the action takes over what it is held against', {
    x: 10,
    y: 16,
    'font-weight': 'bold',
  });
  return drawing(left + plot + 60, height, [title, line([at(1), 24], [at(1), height - 10]), ...parts]);
}
