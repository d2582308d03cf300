import { describe, expect, it } from '@jest/globals';
import { judge } from '../../../src/rollout/judgement/judge.ts';
import type { JudgedWindow } from '../../../src/rollout/judgement/rules.ts';
import { latencyPercentiles, type Latency } from '../../../src/rollout/model/traffic.ts';

/** One minute: requests and errors of the version before and of the new one. */
type Row = [weight: number, previous: [number, number], current: [number, number]];

const start = Date.parse('2026-11-27T12:00:00Z');

/** 95 % within `p95` seconds, and the rest as a service has it. */
function latencyWith(p95: number): Latency {
  const share = (percentile: number): number => Math.log(1 - percentile / 100) / Math.log(0.05);
  return Object.fromEntries(latencyPercentiles.map((one) => [one, p95 * share(one)])) as Latency;
}

function minute(
  [weight, previous, current]: Row,
  index: number,
  { before, now }: { before?: number; now?: number } = {},
): JudgedWindow {
  const traffic = ([requests, errors]: [number, number], p95: number | undefined) => ({
    requests,
    errors,
    latency: p95 === undefined || requests === 0 ? undefined : latencyWith(p95),
  });
  return {
    start: new Date(start + index * 60_000),
    end: new Date(start + (index + 1) * 60_000),
    weight,
    previous: traffic(previous, before),
    current: traffic(current, now),
  };
}

function judged(rows: Row[], latency: { before?: number; now?: number } = {}) {
  return judge(
    rows.map((row, index) => minute(row, index, latency)),
    { previousVersion: 41 },
  );
}

/** The same minute several times. */
const times = (count: number, row: Row): Row[] => Array<Row>(count).fill(row);

describe('judge: errors', () => {
  it.each<[string, Row[], string, RegExp]>([
    [
      'as few fail as before',
      times(2, [10, [21_600, 22], [2400, 3]]),
      'good',
      /^0\.13 % of 4,800 requests failed, against 0\.1 % of 43,200 on version 41$/,
    ],
    [
      'fewer fail than before: a version that mends something',
      times(2, [10, [21_600, 2000], [2400, 3]]),
      'good',
      /^0\.13 % of 4,800 requests failed, against 9\.3 % of 43,200 on version 41$/,
    ],
    [
      'more fail, in a minute that may be the first of its instances',
      [[10, [21_600, 22], [2400, 72]]],
      'suspicious',
      /^3 % of 2,400 requests failed, against 0\.1 % of 21,600 on version 41; that is more than the 0\.5 % floor, and more requests/,
    ],
    [
      'more fail, in two minutes',
      times(2, [10, [21_600, 22], [2400, 72]]),
      'bad',
      /^3 % of 4,800 requests failed, against 0\.1 % of 43,200 on version 41; that is more than chance and more than the 0\.5 % floor$/,
    ],
    [
      'most fail: nobody waits for a second minute',
      [[10, [540, 1], [60, 50]]],
      'bad',
      /^83\.3 % of 60 requests failed, against 0\.19 % of 540 on version 41; that is more than chance/,
    ],
    [
      'it stumbled at the beginning',
      [
        [10, [21_600, 22], [2400, 72]],
        [10, [21_600, 22], [2400, 2]],
      ],
      'good',
      /^1\.5 % of 4,800 requests failed/,
    ],
    [
      'it stumbled, and the next minute is no more than chance above the floor',
      [
        [5, [22_800, 456], [1200, 72]],
        [5, [22_800, 456], [1200, 32]],
      ],
      'suspicious',
      /^4\.3 % of 2,400 requests failed, against 2 % of 45,600/,
    ],
    [
      'it stumbled at each step, and few more failed in between than chance allows',
      [
        [5, [2850, 57], [150, 11]],
        ...times(4, [5, [2850, 57], [150, 3]]),
        [25, [2250, 45], [750, 45]],
        [25, [2250, 45], [750, 20]],
        [25, [2250, 45], [750, 15]],
      ],
      'good',
      /^3\.6 % of 2,250/,
    ],
    [
      'a database that both have is down',
      times(3, [10, [5400, 3000], [600, 340]]),
      'good',
      /^56\.7 % of 1,800 requests failed, against 55\.6 %/,
    ],
    [
      'more than chance, but less than anybody minds',
      times(5, [50, [12_000, 12], [12_000, 48]]),
      'good',
      /^0\.4 % of 60,000 requests failed, against 0\.1 % of 60,000/,
    ],
    [
      'it turns bad after an hour without a fault',
      [...times(60, [10, [21_600, 22], [2400, 2]]), ...times(2, [10, [21_600, 22], [2400, 72]] as Row)],
      'bad',
      /^3 % of 4,800 requests/,
    ],
    [
      'few requests, of which nearly each fails: three minutes make a look',
      times(6, [50, [7, 0], [7, 7]]),
      'bad',
      /^100 % of 42 requests failed, against 0 % of 42 on version 41; that is more than chance/,
    ],
    [
      'one request failed, of few',
      times(5, [10, [900, 0], [60, 1]]).map((row, index): Row =>
        index === 2 ? row : [10, [900, 0], [60, 0]],
      ),
      'good',
      /^0\.33 % of 300 requests failed, against 0 % of 4,500/,
    ],
    [
      'too few requests to say anything',
      times(5, [10, [90, 0], [10, 0]]),
      'inconclusive',
      /^50 requests went to the new version in 5 min, of the 300 that it takes to judge$/,
    ],
    [
      'nobody asks the version before',
      times(5, [90, [9, 0], [800, 0]]),
      'inconclusive',
      /^45 requests went to version 41 in 5 min, of the 300 that/,
    ],
    ['no minute is over yet', [], 'inconclusive', /^0 requests went to the new version in 0 s/],
    [
      'the step before was good, and this one has not begun',
      [...times(5, [10, [21_600, 22], [2400, 2]]), [50, [10, 0], [12, 0]]],
      'inconclusive',
      /^12 requests went to the new version in 1 min/,
    ],
    [
      'it is worse under more load: the second step shows it',
      [...times(5, [10, [21_600, 22], [2400, 2]]), ...times(2, [50, [12_000, 12], [12_000, 360]] as Row)],
      'bad',
      /^3 % of 24,000 requests failed, against 0\.1 % of 24,000 on version 41/,
    ],
    [
      'alone, as few fail as before',
      [...times(5, [50, [12_000, 12], [12_000, 12]]), ...times(2, [100, [0, 0], [24_000, 30]] as Row)],
      'good',
      /^0\.13 % of 48,000 requests failed, against 0\.1 % of 60,000 on version 41 before$/,
    ],
    [
      'alone, it can not take all the requests',
      [...times(5, [50, [12_000, 12], [12_000, 12]]), ...times(2, [100, [0, 0], [24_000, 960]] as Row)],
      'bad',
      /^4 % of 48,000 requests failed, against 0\.1 % of 60,000 on version 41 before; that is more than chance and more than the 2 % floor$/,
    ],
    [
      'alone, a little more fail than at another time of the day',
      [...times(5, [50, [12_000, 12], [12_000, 12]]), ...times(2, [100, [0, 0], [24_000, 240]] as Row)],
      'good',
      /^1 % of 48,000/,
    ],
    [
      'alone from the beginning: there is nothing to compare it with',
      times(3, [100, [0, 0], [24_000, 30]]),
      'inconclusive',
      /^0 requests went to version 41 in 3 min, of the 300/,
    ],
    [
      'more failed connections than requests',
      times(2, [10, [21_600, 22], [2400, 9000]]),
      'bad',
      /^100 % of 4,800 requests failed/,
    ],
  ])('%s', (_what, rows, verdict, because) => {
    const judgement = judged(rows);
    expect([judgement.verdict, judgement.because]).toEqual([verdict, expect.stringMatching(because)]);
    expect(judgement.measure).toBe(['bad', 'suspicious'].includes(verdict) ? 'errors' : undefined);
  });

  it('gives the requests of the step, not of those before', () => {
    const { step } = judged([
      ...times(5, [10, [900, 1], [100, 2]]),
      ...times(2, [50, [500, 3], [500, 4]] as Row),
    ]);
    expect(step).toEqual({ previous: { requests: 1000, errors: 6 }, current: { requests: 1000, errors: 8 } });
  });

  it('knows no version before by its number', () => {
    expect(judge([minute([10, [900, 0], [400, 0]], 0)]).because).toMatch(/on the version before$/);
  });
});

describe('judge: latency', () => {
  const busy: Row = [10, [21_600, 22], [2400, 2]];

  it.each<[string, Row[], { before: number; now: number }, string, RegExp]>([
    [
      'as fast as before',
      times(2, busy),
      { before: 0.4, now: 0.41 },
      'good',
      /, and 95 % were answered within 410 ms, against 400 ms on version 41$/,
    ],
    [
      'within the margin',
      times(5, busy),
      { before: 0.4, now: 0.51 },
      'good',
      /95 % were answered within 510 ms/,
    ],
    ['slower for a minute', [busy], { before: 0.4, now: 0.8 }, 'suspicious', /more requests have to tell/],
    [
      'slower',
      times(2, busy),
      { before: 0.4, now: 0.8 },
      'bad',
      /^95 % were answered within 800 ms, against 400 ms on version 41; that is more than chance and more than the margin, which ends at 520 ms$/,
    ],
    [
      'slower than seconds',
      times(2, busy),
      { before: 1, now: 3.456 },
      'bad',
      /within 3\.46 s, against 1 s on/,
    ],
    ['twice as slow where nobody can tell', times(5, busy), { before: 0.01, now: 0.02 }, 'good', /20 ms/],
    [
      'slower, with too few requests to say so',
      times(2, [10, [270, 0], [30, 0]]),
      { before: 0.4, now: 0.6 },
      'inconclusive',
      /^60 requests/,
    ],
  ])('%s', (_what, ...[rows, latency, verdict, because]) => {
    const judgement = judged(rows, latency);
    expect([judgement.verdict, judgement.because]).toEqual([verdict, expect.stringMatching(because)]);
    expect(judgement.measure).toBe(['bad', 'suspicious'].includes(verdict) ? 'latency' : undefined);
  });

  it('is judged by a slow endpoint no more than it has: one request in twenty is slow in both versions', () => {
    const bimodal = (slowFrom: number): Latency =>
      Object.fromEntries(latencyPercentiles.map((one) => [one, one >= slowFrom ? 2 : 0.02])) as Latency;
    const windows = times(5, [50, [600, 0], [600, 0]]).map((row, index) => {
      const window = minute(row, index, { before: 1, now: 1 });
      // A hair more than 5 % of the one, a hair less of the other.
      return {
        ...window,
        previous: { ...window.previous, latency: bimodal(97) },
        current: { ...window.current, latency: bimodal(95) },
      };
    });
    expect(judge(windows).verdict).not.toBe('bad');
  });

  it('tells the errors where both are worse', () => {
    expect(judged(times(2, [10, [21_600, 22], [2400, 240]]), { before: 0.4, now: 1 }).measure).toBe('errors');
  });
});
