/**
 * Thousands of groups, each with a refresh on the virtual clock: left alone, and with everything that may happen to them
 * at any moment. What has to hold of every fleet is looked at after every move.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  randomGroup,
  randomHappenings,
  randomTurn,
  type Happening,
  type RandomGroup,
} from '../helpers/random-group.ts';
import { limitsOf, WatchedFleet } from '../helpers/watched-fleet.ts';
import { longEnough, runs } from '../../support/property.ts';

/** Longest time between two looks of the fleet, in seconds: nothing is missed by it, things are only seen later. */
const longest = 30;

/** Lets time pass until the refresh is over, in small steps where something moves. @returns seconds */
async function untilOver(fleet: WatchedFleet, atMost: number): Promise<number> {
  let [passed, step] = [0, 1];
  while (fleet.refresh !== undefined && fleet.refresh.endTime === undefined) {
    if (passed > atMost) throw new Error(`it is ${JSON.stringify(fleet.refresh)} after ${passed} s`);
    step = (await fleet.pass(step)) ? 1 : Math.min(longest, 2 * step);
    passed += step;
  }
  return passed;
}

async function settle(fleet: WatchedFleet): Promise<void> {
  let step = 1;
  for (let passed = 0; passed < 3000; passed += step)
    step = (await fleet.pass(step)) ? 5 : Math.min(120, 2 * step);
}

/** Seconds that a refresh may take that nobody disturbs. */
function bound(group: RandomGroup): number {
  const { desired, percentages, warmup, drain, boot, toHealthy, launchHook = 0, terminateHook = 0 } = group;
  const { floor, ceiling } = limitsOf(desired, percentages);
  const atATime = Math.max(1, ceiling - floor);
  const sets = Math.ceil(desired / atATime) + group.checkpoints.length;
  const each = boot + launchHook + Math.max(warmup, toHealthy) + drain + terminateHook + 5;
  // It looks once in a while, at each of half a dozen stages.
  const looks = 6 * longest;
  return (
    sets * (each + looks) +
    group.checkpoints.length * (group.checkpointDelay + longest) +
    group.bakeTime +
    looks
  );
}

const last = ({ checkpoints }: RandomGroup) => checkpoints.at(-1) ?? 100;

const versions = (fleet: WatchedFleet) => [
  ...new Set([...fleet.group.instances.values()].map(({ template }) => template.version)),
];

/** Time that passes before something happens. */
async function wait(fleet: WatchedFleet, seconds: number): Promise<void> {
  let step = 1;
  for (let passed = 0; passed < seconds; passed += step)
    step = (await fleet.pass(Math.min(step, seconds - passed))) ? 1 : Math.min(longest, 2 * step);
}

/** Statuses with which a refresh may end, and the versions of the fleet then, where they are known. */
const ends: Record<string, number[] | undefined> = {
  Successful: [2],
  RollbackSuccessful: [1],
  Cancelled: undefined,
};

async function undisturbed(group: RandomGroup, turn: Happening | undefined): Promise<void> {
  const fleet = await WatchedFleet.settled(group);
  await fleet.start(2);
  if (turn !== undefined) {
    await wait(fleet, turn.after);
    await fleet.happen(turn);
  }
  await untilOver(fleet, 2 * bound(group));
  await settle(fleet);
  fleet.checkOver();
  const { status = '', ...refresh } = fleet.refresh ?? {};
  expect(Object.keys(ends)).toContain(status);
  if (turn === undefined) expect(status).toBe('Successful');
  if (ends[status] === undefined || last(group) < 100) return;
  expect(versions(fleet)).toEqual(ends[status]);
  if (status === 'Successful')
    expect(refresh).toMatchObject({ percentageComplete: 100, instancesToUpdate: 0 });
}

async function disturbed(group: RandomGroup, happenings: Happening[]): Promise<void> {
  const fleet = await WatchedFleet.settled(group);
  fleet.world.alarms.set('errors', 'OK');
  await fleet.start(2);
  for (const happening of happenings) {
    let step = 1;
    for (let passed = 0; passed < happening.after; passed += step)
      step = (await fleet.pass(Math.min(step, happening.after - passed))) ? 1 : Math.min(longest, 2 * step);
    await fleet.happen(happening);
    await fleet.pass(1);
  }
  await fleet.calm();
  await untilOver(fleet, 2 * bound({ ...group, desired: 4 * group.desired }) + 4 * 3600);
  await settle(fleet);
  fleet.checkOver();
  const { settings, instances } = fleet.group;
  const all = [...instances.values()].map(({ lifecycle }) => lifecycle);
  // What somebody sent there just before it ended stays there.
  const lifecycles = all.filter((lifecycle) => lifecycle !== 'Standby');
  expect(lifecycles).toEqual(Array.from({ length: settings.desiredCapacity }, () => 'InService'));
}

describe('a refresh', () => {
  it(
    'that nobody disturbs stays within its limits and ends in time, also on the way back',
    async () => {
      await fc.assert(fc.asyncProperty(randomGroup, randomTurn, undisturbed), runs(500));
    },
    longEnough,
  );

  it(
    'stays within its limits and comes to an end, whatever happens',
    async () => {
      await fc.assert(fc.asyncProperty(randomGroup, randomHappenings, disturbed), runs(500));
    },
    longEnough,
  );
});
