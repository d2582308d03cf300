import { beforeEach, describe, expect, it } from '@jest/globals';
import { shop, start, World } from '../../helpers/fleet.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.createGroup(2);
});

const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

interface Described {
  ScheduledUpdateGroupActions: Record<string, unknown>[];
}

const described = async (more: object = {}): Promise<Record<string, unknown>[]> =>
  (await world.call<Described>('DescribeScheduledActions', { ...shop, ...more })).ScheduledUpdateGroupActions;

const night = { ...shop, ScheduledActionName: 'night' };

describe('scheduled actions', () => {
  it('are described with when they are due next', async () => {
    await world.call('PutScheduledUpdateGroupAction', {
      ...{
        ...night,
        Recurrence: '0 22 * * *',
        TimeZone: 'Europe/Stockholm',
        MinSize: 0,
        MaxSize: 2,
        DesiredCapacity: 1,
      },
    });
    expect(await described()).toEqual([
      expect.objectContaining({
        ...{ AutoScalingGroupName: 'shop', ScheduledActionName: 'night', Recurrence: '0 22 * * *' },
        ...{ TimeZone: 'Europe/Stockholm', MinSize: 0, MaxSize: 2, DesiredCapacity: 1 },
        StartTime: new Date('2026-01-01T21:00:00Z'),
        ScheduledActionARN: expect.stringMatching(
          /^arn:aws:autoscaling:eu-north-1:123456789012:scheduledUpdateGroupAction:[0-9a-f-]{36}:autoScalingGroupName\/shop:scheduledActionName\/night$/,
        ),
      }),
    ]);
  });

  it('keep what a change leaves out', async () => {
    await world.call('PutScheduledUpdateGroupAction', {
      ...night,
      StartTime: at(600),
      MinSize: 1,
      MaxSize: 3,
    });
    const [before] = await described();
    await world.call('PutScheduledUpdateGroupAction', { ...night, MaxSize: 4 });
    expect(await described()).toEqual([{ ...before, MaxSize: 4 }]);
  });

  it('are found by name, and by time', async () => {
    for (const [name, seconds] of Object.entries({ one: 600, two: 1200, three: 1800 }))
      await world.call('PutScheduledUpdateGroupAction', {
        ...{ ...shop, ScheduledActionName: name, StartTime: at(seconds), DesiredCapacity: 1 },
      });
    const found = async (more: object) => (await described(more)).map((action) => action.ScheduledActionName);
    expect(await found({ ScheduledActionNames: ['two', 'none'] })).toEqual(['two']);
    expect(await found({ StartTime: at(700), EndTime: at(1800) })).toEqual(['two', 'three']);
    expect(await found({})).toEqual(['one', 'two', 'three']);
  });

  it('come and go in batches, in which one does not suffer from another', async () => {
    const answer = await world.call('BatchPutScheduledUpdateGroupAction', {
      ...shop,
      ScheduledUpdateGroupActions: [
        { ScheduledActionName: 'good', StartTime: at(600), DesiredCapacity: 1 },
        { ScheduledActionName: 'bad', StartTime: at(600) },
      ],
    });
    expect(answer).toEqual({
      FailedScheduledUpdateGroupActions: [
        { ScheduledActionName: 'bad', ErrorCode: 'ValidationError', ErrorMessage: expect.any(String) },
      ],
    });
    const gone = await world.call('BatchDeleteScheduledAction', {
      ...shop,
      ScheduledActionNames: ['good', 'bad'],
    });
    expect(gone).toMatchObject({ FailedScheduledActions: [{ ScheduledActionName: 'bad' }] });
    expect(await described()).toEqual([]);
  });

  it('are deleted one by one', async () => {
    await world.call('PutScheduledUpdateGroupAction', { ...night, StartTime: at(600), MinSize: 1 });
    await world.call('DeleteScheduledAction', night);
    expect(await described()).toEqual([]);
    expect(await world.refused('DeleteScheduledAction', night)).toContain('ValidationError');
  });

  it.each([
    ['without sizes', { StartTime: at(600) }, 'ValidationError: At least one of MinSize'],
    ['without a time', { MinSize: 1 }, 'ValidationError: Either StartTime or Recurrence'],
    [
      'in the past',
      { StartTime: at(-1), MinSize: 1 },
      'ValidationError: The specified start time is in the past',
    ],
    [
      'that end before they start',
      { StartTime: at(600), EndTime: at(600), MinSize: 1 },
      'ValidationError: The end time',
    ],
    [
      'at no time',
      { Recurrence: '0 0 30 2 *', MinSize: 1 },
      'ValidationError: The scheduled action would never run',
    ],
    [
      'on a schedule that is none',
      { Recurrence: 'daily', MinSize: 1 },
      'ValidationError: Given recurrence string: daily',
    ],
    [
      'in a zone that is none',
      { Recurrence: '0 0 * * *', TimeZone: 'X/Y', MinSize: 1 },
      'ValidationError: The time zone',
    ],
    [
      'with more than the most',
      { StartTime: at(600), MinSize: 3, MaxSize: 2 },
      'ValidationError: Max bound, 2',
    ],
    ['when another one is', { StartTime: at(900), MinSize: 1 }, 'AlreadyExists: The scheduled action other'],
  ])('are refused %s', async (_, action, expected) => {
    const other = { ...shop, ScheduledActionName: 'other', StartTime: at(900), MinSize: 1 };
    await world.call('PutScheduledUpdateGroupAction', other);
    expect(await world.refused('PutScheduledUpdateGroupAction', { ...night, ...action })).toContain(expected);
    expect(await described()).toHaveLength(1);
  });

  it('are refused of a group that there is not', async () => {
    const gone = { ...night, AutoScalingGroupName: 'none', StartTime: at(600), MinSize: 1 };
    expect(await world.refused('PutScheduledUpdateGroupAction', gone)).toContain('ValidationError');
  });
});
