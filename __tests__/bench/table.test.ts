import { expect, it } from '@jest/globals';
import type { Row } from '../../bench/figure.ts';
import type { Results } from '../../bench/results.ts';
import { spreadOf } from '../../bench/statistics.ts';
import { markdown, number, spread, terminalTable } from '../../bench/table.ts';

it.each([
  [0.456, '0.46'],
  [3, '3'],
  [12.34, '12.3'],
  [1234.5, '1,235'],
  [-22.58, '-22.6'],
])('writes %d as %s', (value, expected) => {
  expect(number(value)).toBe(expected);
});

it('shows no spread of what was measured once', () => {
  expect(spread(spreadOf([4]), 's')).toBe('4 s');
  expect(spread(spreadOf([4, 5.5, 6]), 's')).toBe('5.50 (4 to 6) s');
});

const rows: Row[] = [
  {
    what: 'a deployment | whole',
    value: spreadOf([30]),
    unit: 's',
    against: { what: 'the pipeline', value: spreadOf([40]) },
    ratio: spreadOf([0.75]),
    aim: { text: '≤ 0.7', met: false },
    note: 'the refresh is the same for both',
  },
  { what: 'size', value: spreadOf([2.5]), unit: 'MB' },
];
const results: Results = {
  machine: {
    ...{ cores: 2, processor: 'Model 1', memoryGb: 8, system: 'Linux 6.1' },
    versions: { Node: '24.0.0', Docker: '' },
  },
  figures: {
    deployment: {
      ...{ title: 'A deployment', how: 'In turn.', leftOut: ['downloads.'], chart: 'deployment.svg' },
      ...{ at: '2026-01-01T00:00Z', seconds: 90, load: { before: 0.5, after: 2.5 }, rows },
    },
  },
};

it('keeps a figure that falls short in the table, with its cause', () => {
  const text = markdown(results).join('\n');
  expect(text).toContain(
    '| a deployment \\| whole | 30 s | the pipeline: 40 s | 0.75 | ≤ 0.7 ✗ |\n| size | 2.50 MB |  |  | reported |',
  );
  expect(text).toContain('*a deployment | whole*: the refresh is the same for both');
});

it('says on which machine, how busy it was, and what was left out', () => {
  const text = markdown(results).join('\n');
  expect(text).toContain('2 cores (Model 1), 8 GB, Linux 6.1, Node 24.0.0, Docker missing.');
  expect(text).toContain('Left out: downloads.');
  expect(text).toContain(
    "`npm run bench -- deployment`, 2026-01-01T00:00Z, 90 s; the machine's load was 0.5 before and 2.5 after.",
  );
});

it('is as wide as its widest cells in a terminal', () => {
  const [, , head, first, second] = terminalTable('A deployment', rows).split('\n');
  expect(first?.indexOf('30 s')).toBe(second?.indexOf('2.50 MB'));
  expect(head?.indexOf('ratio')).toBe(first?.indexOf('0.75'));
});
