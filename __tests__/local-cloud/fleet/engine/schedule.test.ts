import { beforeEach, describe, expect, it } from '@jest/globals';
import { nextRun } from '../../../../local-cloud/fleet/engine/schedule.ts';
import { shop, start, World } from '../../helpers/fleet.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.settledGroup(2);
});

const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

const put = (name: string, more: object): Promise<unknown> =>
  world.call('PutScheduledUpdateGroupAction', { ...shop, ScheduledActionName: name, ...more });

async function names(): Promise<string[]> {
  const { ScheduledUpdateGroupActions } = await world.call<{
    ScheduledUpdateGroupActions: { ScheduledActionName: string }[];
  }>('DescribeScheduledActions', shop);
  return ScheduledUpdateGroupActions.map(({ ScheduledActionName }) => ScheduledActionName);
}

const sizes = async () => {
  const { MinSize, MaxSize, DesiredCapacity } = await world.group();
  return [MinSize, MaxSize, DesiredCapacity];
};

describe('a scheduled action', () => {
  it('acts at its time, says so, and is gone', async () => {
    await put('night', { StartTime: at(600), DesiredCapacity: 1, MinSize: 1 });
    await world.advance(415);
    expect(await sizes()).toEqual([0, 4, 2]);
    expect(await names()).toEqual(['night']);
    await world.advance(120);
    expect(await sizes()).toEqual([1, 4, 1]);
    expect(await names()).toEqual([]);
    const [activity] = await world.activities();
    expect(activity?.Cause).toContain(
      'a scheduled action update of AutoScalingGroup constraints to min: 1, max: 4, desired: 1 changing the desired ' +
        'capacity from 2 to 1.',
    );
    expect(await world.instances()).toHaveLength(1);
  });

  it('acts again and again until its end', async () => {
    await put('often', { Recurrence: '*/10 * * * *', EndTime: at(1500), DesiredCapacity: 3 });
    await world.advance(430);
    expect(await sizes()).toEqual([0, 4, 3]);
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 2 });
    await world.advance(600);
    expect(await sizes()).toEqual([0, 4, 3]);
    expect(await names()).toEqual([]);
  });

  it('moves what it does not name into the bounds that it does', async () => {
    await put('small', { StartTime: at(300), MaxSize: 1 });
    await world.advance(130);
    expect(await sizes()).toEqual([0, 1, 1]);
  });

  it('does nothing while the process is suspended, and nothing afterwards', async () => {
    await world.call('SuspendProcesses', { ...shop, ScalingProcesses: ['ScheduledActions'] });
    await put('night', { StartTime: at(300), DesiredCapacity: 0 });
    await world.advance(200);
    await world.call('ResumeProcesses', { ...shop, ScalingProcesses: ['ScheduledActions'] });
    await world.advance(200);
    expect(await sizes()).toEqual([0, 4, 2]);
    expect(await names()).toEqual([]);
  });
});

describe('when an action is due next', () => {
  const day = Date.UTC(2026, 10, 27);
  const hour = 3_600_000;
  const action = { name: 'a', arn: 'arn', desiredCapacity: 1 };
  it.each([
    ['once', { startTime: day + hour }, day, day + hour],
    ['never, when its time is over', { startTime: day }, day, undefined],
    [
      'at its start, whatever the recurrence says',
      { startTime: day + 90_000, recurrence: '0 * * * *' },
      day,
      day + 90_000,
    ],
    ['by its recurrence after that', { startTime: day - 1, recurrence: '0 * * * *' }, day, day + hour],
    ['not after its end', { recurrence: '0 * * * *', endTime: day + hour - 1 }, day, undefined],
    ['in its time zone', { recurrence: '0 2 * * *', timeZone: 'Europe/Stockholm' }, day, day + hour],
  ])('%s', (_, schedule, after, expected) => {
    expect(nextRun({ ...action, ...schedule }, after)).toBe(expected);
  });
});
