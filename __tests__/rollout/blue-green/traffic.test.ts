import { describe, expect, it } from '@jest/globals';
import {
  fairSplits,
  follows,
  lastBefore,
  notFollowing,
  splitsSince,
  type Split,
} from '../../../src/rollout/blue-green/traffic.ts';

const of = (requests: number) => ({ requests, errors: 0, latency: undefined });
const split = (weight: number, current: number, all: number): Split => ({
  ...{ start: new Date(0), weight, current: of(current), previous: of(all - current) },
});

describe('requests that follow the weights', () => {
  it.each<[weight: number, current: number, all: number, follows: boolean]>([
    [10, 2400, 24000, true],
    [10, 2600, 24000, true],
    // The nodes of the load balancer are still taking it up.
    [10, 1200, 24000, false],
    [10, 0, 24000, false],
    [50, 2400, 24000, false],
    [50, 7200, 24000, false],
    [50, 11500, 24000, true],
    [100, 23000, 24000, false],
    [100, 24000, 24000, true],
    // Of a few nothing can be told, and of none.
    [10, 0, 20, true],
    [10, 0, 0, true],
    [10, 18, 20, false],
  ])('%i %%: %i of %i', (weight, current, all, said) => {
    expect(follows(split(weight, current, all))).toBe(said);
  });

  it('only those count', () => {
    const fair = split(10, 100, 1000);
    expect(fairSplits([split(10, 0, 1000), fair, split(10, 900, 1000)])).toEqual([fair]);
  });

  it('are those since the weight was set', () => {
    const minutes = [0, 1, 2].map((minute) => ({
      start: new Date(minute * 60_000),
      byTargetGroup: { blue: of(9), green: of(1) },
    }));
    const request = { from: 'blue', to: 'green', weight: 10, after: new Date(60_000) };
    expect(splitsSince(minutes, request)).toEqual([
      { start: new Date(120_000), weight: 10, previous: of(9), current: of(1) },
    ]);
    expect(splitsSince(minutes, { ...request, to: 'nobody', after: undefined })).toHaveLength(3);
  });

  it('are told of where they do not', () => {
    expect(notFollowing([split(10, 24, 2400)], 10, 300)).toBe(
      "1 % of the last minute's 2400 requests reached the new version, where 10 % should have",
    );
    expect(notFollowing([], 10, 300)).toBe('CloudWatch has no minute of the 5 min since');
  });
});

describe('the last minute before a weight', () => {
  const at = (time: string) => new Date(`2026-11-27T${time}Z`);
  it.each<[string, newest: Date | undefined, now: Date, last: Date | undefined]>([
    ['is the current one, which CloudWatch has later', at('12:00:00'), at('12:03:20'), at('12:03:00')],
    ['is the newest one where that is the current', at('12:03:00'), at('12:03:20'), at('12:03:00')],
    ["is the newest one where AWS's clock is ahead", at('12:05:00'), at('12:03:20'), at('12:05:00')],
    ['is the newest one where the clock can not be right', at('12:00:00'), at('14:00:00'), at('12:00:00')],
    ['is not known where there is none', undefined, at('12:03:20'), undefined],
  ])('%s', (_, newest, now, last) => {
    expect(lastBefore(newest, now)).toEqual(last);
  });
});
