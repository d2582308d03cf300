import { describe, expect, it } from '@jest/globals';
import { cohorts, CourseRecorder, thinned } from '../../../src/rollout/context/course.ts';

type Seen = [id: string, version: number, state?: 'serving' | 'leaving'];

function sight(desired: number, ...instances: Seen[]) {
  return {
    desired,
    instances: instances.map(([id, version, state]) => ({
      ...{ id, version },
      serving: state === 'serving',
      leaving: state === 'leaving',
    })),
  };
}

describe('CourseRecorder', () => {
  it('has nothing to tell where nobody looked', () => {
    const recorder = new CourseRecorder(100);
    recorder.see(101, undefined);
    expect(recorder.course(110)).toBeUndefined();
  });

  it('tells how one version took the place of another, in seconds since the start', () => {
    const recorder = new CourseRecorder(100);
    recorder.stage(100, 'pending');
    recorder.see(100, sight(1, ['i-1', 41, 'serving']));
    recorder.stage(110, 'replacing');
    recorder.see(110, sight(1, ['i-1', 41, 'serving'], ['i-2', 42]));
    recorder.see(130, sight(1, ['i-1', 41, 'leaving'], ['i-2', 42, 'serving']));
    recorder.stage(140, 'over');
    recorder.see(140, sight(1, ['i-2', 42, 'serving']));
    const course = recorder.course(150);
    expect(course).toMatchObject({ seconds: 50, fewest: { serving: 1, desired: 1, at: 0 } });
    expect(course?.series).toEqual([
      {
        name: 'version 41',
        points: [
          [0, 1],
          [30, 0],
          [40, 0],
        ],
      },
      {
        name: 'version 42',
        points: [
          [0, 0],
          [30, 1],
          [40, 1],
        ],
      },
    ]);
    expect(course?.total).toEqual({
      name: 'in all',
      points: [
        [0, 1],
        [40, 1],
      ],
    });
    expect(course?.spans).toEqual([
      { row: 'rollout', name: 'waiting to begin', from: 0, to: 10, kind: 'stage' },
      { row: 'rollout', name: 'replacing', from: 10, to: 40, kind: 'stage' },
      { row: 'i-1', name: 'version 41', from: 0, to: 30, kind: 'before' },
      { row: 'i-2', name: 'starting', from: 10, to: 30, kind: 'waiting' },
      { row: 'i-2', name: 'version 42', from: 30, to: 50, kind: 'working' },
    ]);
  });

  it('takes what has just been launched for new, although it is there at the first look', () => {
    const recorder = new CourseRecorder(0);
    recorder.see(2, sight(1, ['i-1', 41, 'serving'], ['i-2', 42]));
    recorder.see(20, sight(1, ['i-2', 42, 'serving']));
    const kinds = recorder.course(30)?.spans.map(({ row, kind }) => `${row} ${kind}`);
    expect(kinds).toEqual(['i-1 before', 'i-2 waiting', 'i-2 working']);
  });

  it('marks an instance that went without ever having been healthy', () => {
    const recorder = new CourseRecorder(0);
    recorder.see(0, sight(1, ['i-1', 41, 'serving']));
    recorder.see(5, sight(1, ['i-1', 41, 'serving'], ['i-2', 42]));
    recorder.see(40, sight(1, ['i-1', 41, 'serving']));
    const bad = recorder.course(50)?.spans.filter(({ kind }) => kind === 'bad');
    expect(bad).toEqual([{ row: 'i-2', name: 'version 42, never healthy', from: 5, to: 40, kind: 'bad' }]);
  });

  it('says nothing bad of an instance that was leaving when it was first seen', () => {
    const recorder = new CourseRecorder(0);
    recorder.see(2, sight(1, ['i-1', 41, 'leaving'], ['i-2', 42, 'serving']));
    recorder.see(9, sight(1, ['i-2', 42, 'serving']));
    expect(recorder.course(20)?.spans.map(({ row, kind }) => `${row} ${kind}`)).toEqual(['i-2 before']);
  });

  it('knows the fewest that served, where some did at first', () => {
    const recorder = new CourseRecorder(0);
    recorder.see(0, sight(2, ['i-1', 41, 'serving'], ['i-2', 41, 'serving']));
    recorder.see(7, sight(2, ['i-2', 41, 'serving']));
    recorder.see(9, sight(2, ['i-2', 41, 'serving'], ['i-3', 42, 'serving']));
    expect(recorder.course(10)?.fewest).toEqual({ serving: 1, desired: 2, at: 7 });
    const first = new CourseRecorder(0);
    first.see(0, sight(1, ['i-1', 41]));
    first.see(3, sight(1, ['i-1', 41, 'serving']));
    expect(first.course(4)?.fewest).toBeUndefined();
  });

  it('stays small with a thousand instances and a day of watching', () => {
    const recorder = new CourseRecorder(0);
    for (let replaced = 0; replaced <= 1000; replaced += 1) {
      const instances = Array.from({ length: 1000 }, (_, index): Seen =>
        index < replaced ? [`n-${index}`, 42, 'serving'] : [`o-${index}`, 41, 'serving'],
      );
      recorder.stage(replaced * 86, replaced % 2 === 0 ? 'replacing' : 'pending');
      recorder.see(replaced * 86, sight(1000, ...instances));
    }
    const course = recorder.course(86_400);
    expect(course?.series.map(({ points }) => points.length > 20 && points.length <= 60)).toEqual([
      true,
      true,
    ]);
    expect(course?.total?.points).toHaveLength(2);
    expect(course?.spans.filter(({ row }) => row === 'rollout').length).toBeLessThanOrEqual(12);
    const rows = new Set(course?.spans.map(({ row, name }) => `${row} ${name.split(',')[0]}`));
    expect(rows.size).toBeLessThanOrEqual(24);
    expect(course?.spans.length).toBeLessThanOrEqual(36);
  });
});

describe('thinned', () => {
  it('keeps a short dip, the first and the last', () => {
    const points = Array.from({ length: 600 }, (_, at): [number, number] => [
      at,
      at === 301 ? 2 : 6 + (at % 2),
    ]);
    const kept = thinned(points, 60);
    expect(kept.length).toBeLessThanOrEqual(60);
    expect(kept).toContainEqual([301, 2]);
    expect(kept.at(-1)).toEqual([599, 7]);
  });

  it('leaves out only what repeats where there is room', () => {
    expect(thinned([], 60)).toEqual([]);
    expect(thinned([[0, 1]], 60)).toEqual([[0, 1]]);
    expect(
      thinned(
        [
          [0, 1],
          [1, 1],
          [2, 3],
          [3, 3],
        ],
        60,
      ),
    ).toEqual([
      [0, 1],
      [2, 3],
      [3, 3],
    ]);
  });
});

describe('cohorts', () => {
  const life = (index: number, isBad = false) => ({
    ids: [`i-${index}`],
    version: 'version 42',
    from: index,
    servedAt: isBad ? undefined : index + 60,
    to: 1000,
    wasThere: false,
    isBad,
  });

  it('shows each instance where they are few', () => {
    expect(cohorts([life(2), life(1)], 12).map(({ ids }) => ids)).toEqual([['i-1'], ['i-2']]);
  });

  it('puts neighbours together where they are many, and the bad ones apart', () => {
    const rows = cohorts([...Array.from({ length: 40 }, (_, index) => life(index)), life(100, true)], 6);
    expect(rows.length).toBeLessThanOrEqual(6);
    expect(rows.flatMap(({ ids }) => ids)).toHaveLength(41);
    expect(rows.filter(({ isBad }) => isBad).map(({ ids }) => ids)).toEqual([['i-100']]);
    expect(rows[0]).toMatchObject({ from: 0, isBad: false });
  });
});
