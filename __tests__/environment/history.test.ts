import { describe, expect, it } from '@jest/globals';
import { howItEnded, rollbackTarget, runsSince } from '../../src/environment/history.ts';
import type { SimulatedAws } from '../rollout/helpers/simulated-aws.ts';
import { groupName, healthyGroup } from '../rollout/helpers/simulated-aws.ts';
import { stateOf } from '../../src/rollout/blue-green/state.ts';
import { side } from '../rollout/blue-green/helpers.ts';
import { environmentOf, refresh, templateVersions } from './helpers.ts';

/** "2 ok, 3 bad" → refreshes, newest first, as AWS lists them. */
function past(current: string, story: string, versions = 6, without: number[] = []) {
  const refreshes = story
    .split(', ')
    .filter((text) => text !== '')
    .map((text, index) => {
      const [version = '', end = ''] = text.split(' ');
      const status = {
        ...{ ok: 'Successful', part: 'Successful', bad: 'RollbackSuccessful' },
        ...{ failed: 'Failed', now: 'InProgress' },
      }[end];
      return {
        ...refresh({ id: `r-${index}`, version, status: status ?? end }),
        ...(end === 'part' && { preferences: { CheckpointPercentages: [20] } }),
      };
    });
  return {
    group: { template: { id: 'lt-1', name: 'shop', version: current } },
    refreshes: refreshes.toReversed(),
    versions: templateVersions(versions).filter(({ version }) => !without.includes(version)),
  };
}

describe('rollbackTarget', () => {
  it.each<[current: string, story: string, target: number | undefined, from: string | undefined]>([
    ['3', '1 ok, 2 ok, 3 ok', 2, 'seen'],
    // Neither a failed version nor one that was never rolled out is a target.
    ['4', '1 ok, 2 ok, 3 bad, 4 ok', 2, 'seen'],
    ['5', '2 ok, 5 ok', 2, 'seen'],
    // After a rollback the next one goes further back, not forth again.
    ['2', '1 ok, 2 ok, 3 ok, 2 ok', 1, 'seen'],
    ['4', '1 ok, 2 ok, 1 ok, 4 ok', 1, 'seen'],
    // A version that failed first and went well later is good.
    ['4', '1 ok, 3 bad, 3 ok, 4 ok', 3, 'seen'],
    // The first version was never refreshed to.
    ['2', '2 ok', 1, 'assumed'],
    ['3', '2 failed, 3 ok', 1, 'assumed'],
    ['1', '2 ok, 1 ok', undefined, undefined],
    ['1', '', undefined, undefined],
    // While a refresh is under way it says nothing about its version yet.
    ['2', '1 ok, 2 ok, 3 now', 1, 'seen'],
    // Somebody moved the group by hand.
    ['6', '1 ok, 2 ok', 2, 'seen'],
    ['$Latest', '1 ok, 2 ok', undefined, undefined],
    // One that paused at a checkpoint, and went by itself or was taken back, has proven nothing.
    ['4', '2 ok, 3 part, 4 ok', 2, 'seen'],
    ['4', '2 ok, 3 part, 2 ok, 4 ok', 2, 'seen'],
  ])('from version %s after "%s" is %s', (current, story, version, from) => {
    const expected = version === undefined ? undefined : { version, from };
    expect(rollbackTarget(past(current, story))).toEqual(expected);
  });

  it.each<[current: number, idle: number, target: number | undefined, from: string | undefined]>([
    // What the idle group launched last, before the one that has all requests.
    [3, 2, 2, 'seen'],
    [4, 2, 2, 'seen'],
    // A higher one was taken back, or gone back from.
    [3, 4, 2, 'assumed'],
    // It was turned on this moment: both launch the same.
    [3, 3, 2, 'assumed'],
    [1, 2, undefined, undefined],
  ])('of two groups, %i running and %i left in the other, is %s', (current, idle, version, from) => {
    const sides = [
      side('green', { version: current, desired: 2, weight: 100 }),
      side('blue', { version: idle }),
    ];
    const fleets = { state: stateOf([sides[0]!, sides[1]!]) };
    const target = rollbackTarget({ ...past(String(current), ''), fleets });
    expect(target).toEqual(version === undefined ? undefined : { version, from });
  });

  it.each(['2', '3'])('is the version that is left while one waits for a person, launching %s', (saved) => {
    const { group } = environmentOf([2, 2, 3], { saved });
    expect(rollbackTarget({ ...past(saved, '1 ok, 2 ok, 3 part'), group })).toEqual({
      ...{ version: 2, from: 'seen' },
    });
  });

  it('passes over a version that was deleted', () => {
    expect(rollbackTarget(past('3', '1 ok, 2 ok, 3 ok', 3, [2]))).toEqual({ version: 1, from: 'seen' });
  });

  it('takes no refresh to another template for its own', () => {
    const { group, versions } = past('3', '');
    const refreshes = [
      refresh({ id: 'b', version: '3', status: 'Successful' }),
      refresh({ id: 'a', version: '2', status: 'Successful', templateId: 'lt-other' }),
      refresh({ id: '0', version: '1', status: 'Successful' }),
    ];
    expect(rollbackTarget({ group, versions, refreshes })).toEqual({ version: 1, from: 'seen' });
  });
});

describe('runsSince', () => {
  const made = new Date('2026-11-01T00:00:00Z');

  it('is the end of the refresh that brought the version', () => {
    expect(runsSince(past('2', '1 ok, 2 ok'), 2, made)).toEqual(new Date('2026-11-22T12:00:00Z'));
  });

  it('is the making of the group when nothing was ever refreshed', () => {
    expect(runsSince(past('1', '2 bad'), 1, made)).toEqual(made);
  });

  it('is unknown when AWS has forgotten', () => {
    expect(runsSince(past('3', '2 ok'), 3, made)).toBeUndefined();
  });
});

it.each([
  ['2 bad', 'rolled back'],
  ['2 failed', 'failed'],
  ['2 bad, 2 ok', undefined],
  ['2 now', undefined],
  ['', undefined],
])('howItEnded after "%s" is %s', (story, words) => {
  expect(howItEnded(past('1', story), 2)).toBe(words);
});

/** What the commands decide, from the records that a fleet of simulated instances keeps. */
async function targetNow(world: SimulatedAws) {
  const group = await world.api.group(groupName);
  if (group === undefined) throw new Error('no group');
  const refreshes = await world.api.refreshes(groupName);
  return rollbackTarget({ group, refreshes, versions: templateVersions(5) });
}

it('goes back along what was rolled out well, past what was not', async () => {
  const world = await healthyGroup({ instances: 2 });
  expect(await targetNow(world)).toBeUndefined();
  await world.rollOut(2);
  expect(await targetNow(world)).toEqual({ version: 1, from: 'assumed' });
  await world.rollOut(3);
  world.fault({ templateVersion: 4, bootFailure: true });
  await expect(world.rollOut(4)).rejects.toMatchObject({ rollout: { status: 'rolled-back' } });
  await world.rollOut(5);
  expect(await targetNow(world)).toEqual({ version: 3, from: 'seen' });
  await world.rollOut(3);
  expect(await world.versions()).toEqual({ 3: 2 });
  expect(await targetNow(world)).toEqual({ version: 2, from: 'seen' });
});
