import { describe, expect, it } from '@jest/globals';
import { lineChart, timeline } from '../../src/report/pictures.ts';

const about = { title: 'Healthy', axis: 'instances', seconds: 100 };
const valuesOf = (text: string) =>
  [...text.matchAll(/ {2}line \[(.*)\]/g)].map(([, values = '']) => values.split(', ').map(Number));

describe('lineChart', () => {
  it('draws nothing of nothing', () => {
    expect(lineChart([], about)).toBe('');
    expect(lineChart([{ name: 'a', points: [] }], about)).toBe('');
    expect(lineChart([{ name: 'a', points: [[0, 1]] }], { ...about, seconds: 0 })).toBe('');
  });

  it('holds each value until the next, and loses no short dip', () => {
    const points: [number, number][] = [
      [0, 6],
      [500, 2],
      [501, 6],
      [900, 4],
    ];
    const [values = []] = valuesOf(lineChart([{ name: 'a', points }], { ...about, seconds: 1000 }));
    expect(values).toHaveLength(60);
    expect([values[0], values.at(-1)]).toEqual([6, 4]);
    expect(values.filter((value) => value === 2)).toHaveLength(1);
  });

  it('covers no line by another of the same value, and moves none that is seen', () => {
    const of = (name: string, value: number) => ({
      name,
      points: [
        [0, 4],
        [50, value],
      ] as [number, number][],
    });
    const total = of('in all', 4);
    const [all = [], old = [], next = []] = valuesOf(
      lineChart([of('old', 0), of('new', 4)], { ...about, total }),
    );
    expect([all[0], all.at(-1), next[0], next.at(-1)]).toEqual([4, 4, 4, 4]);
    expect(old[0]).toBeGreaterThan(4.02);
    expect(old[0]).toBeLessThan(4.1);
    expect(old.at(-1)).toBe(0);
  });

  it('draws any figures: weights and shares as well as instances', () => {
    const weights = [
      {
        name: 'blue',
        points: [
          [0, 100],
          [50, 0],
        ] as [number, number][],
      },
      {
        name: 'green',
        points: [
          [0, 0],
          [50, 100],
        ] as [number, number][],
      },
    ];
    const text = lineChart(weights, { title: 'Weights', axis: 'weight', seconds: 100 });
    expect(text).toContain('0 --> 110');
    expect(text).toContain('accDescr: blue from 100 to 0; green from 0 to 100');
    expect(text).toContain('🟦 blue · 🟧 green');
  });

  it.each([
    [1, 5],
    [2, 5],
    [4, 5],
    [6, 8],
    [10, 11],
    [1000, 1100],
  ])('of at most %s has its axis end at %s', (highest, end) => {
    expect(lineChart([{ name: 'a', points: [[0, highest]] }], about)).toContain(`"instances" 0 --> ${end}\n`);
  });

  it.each([
    [100, '"seconds" 0 --> 100'],
    [600, '"minutes" 0 --> 10'],
    [36_000, '"hours" 0 --> 10'],
  ])('of %s seconds counts in a unit that people read', (seconds, axis) => {
    expect(lineChart([{ name: 'a', points: [[0, 1]] }], { ...about, seconds })).toContain(axis);
  });
});

describe('timeline', () => {
  const span = { row: 'i-1', name: 'version 42', from: 0, to: 60, kind: 'working' as const };

  it('draws nothing of nothing', () => {
    expect(timeline([], 'x')).toBe('');
    expect(timeline([{ ...span, to: 0 }], 'x')).toBe('');
  });

  it('has a line for each row, with times of a day', () => {
    const text = timeline(
      [
        { ...span, name: 'starting', to: 20 },
        { ...span, from: 20 },
        { ...span, row: 'i-2' },
      ],
      'Instances',
    );
    expect(text.match(/section/g)).toHaveLength(2);
    expect(text).toContain('starting :2000-01-01 00:00:00, 2000-01-01 00:00:20');
    expect(text).toContain('axisFormat %M:%S');
  });

  it('lets no name end what it is in', () => {
    const text = timeline([{ ...span, row: 'i:1;#', name: 'a: b, `c`\n```' }], 'x: y');
    expect(text).toMatch(/section i 1\n {4}a b, c :|section i 1 *\n {4}a {2}b,/);
    expect(text.split('```')).toHaveLength(3);
  });

  it('over hours counts in hours, with few marks', () => {
    const text = timeline([{ ...span, to: 90_000 }], 'x');
    expect(text).toContain('axisFormat %H:%M');
    expect(text).toContain('tickInterval 4hour');
  });
});
