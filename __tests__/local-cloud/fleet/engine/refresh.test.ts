import { beforeEach, describe, expect, it } from '@jest/globals';
import { World, launchFirst, shop, template } from '../../helpers/fleet.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.settledGroup(2);
});

describe('a refresh that succeeds', () => {
  it('goes from Pending over InProgress to Successful, and only then saves the configuration', async () => {
    const id = await world.startRefresh(launchFirst);
    expect(await world.refresh()).toMatchObject({ InstanceRefreshId: id, Status: 'Pending' });
    expect((await world.refresh()).StartTime).toBeUndefined();
    await world.advance(1);
    const begun = await world.refresh();
    expect(begun).toMatchObject({ Status: 'InProgress', PercentageComplete: 0, InstancesToUpdate: 2 });
    expect(begun.StartTime).toBeInstanceOf(Date);
    await world.advance(40);
    expect((await world.group()).LaunchTemplate.Version).toBe('1');
    const done = await world.until(['Successful']);
    expect(done).toMatchObject({ PercentageComplete: 100, InstancesToUpdate: 0 });
    expect(done.EndTime).toBeInstanceOf(Date);
    expect((await world.group()).LaunchTemplate).toEqual({
      LaunchTemplateId: template,
      LaunchTemplateName: 'shop',
      Version: '2',
    });
    expect(await world.versions()).toBe('2 2');
  });

  it('says what happened in activities, in the words of AWS', async () => {
    await world.startRefresh(launchFirst);
    await world.until(['Successful']);
    const activities = await world.activities();
    const launch = activities.find(({ Cause }) => Cause.includes('was launched'));
    expect(launch).toMatchObject({ StatusCode: 'Successful', Progress: 100 });
    expect(launch?.Description).toMatch(/^Launching a new EC2 instance: i-[0-9a-f]{17}$/);
    expect(launch?.Cause).toMatch(
      /^At 2026-01-01T00:0\d:\d\dZ an instance was launched in response to an instance refresh\.$/,
    );
    expect(JSON.parse(launch?.Details ?? '')).toEqual({
      'Subnet ID': expect.stringMatching(/^subnet-[ab]$/),
      'Availability Zone': expect.stringMatching(/^eu-north-1[ab]$/),
    });
    const termination = activities.find(({ Description }) => Description.startsWith('Terminating'));
    expect(termination?.Cause).toMatch(
      /^At \S+Z an instance was taken out of service in response to an instance refresh\. {2}At \S+Z instance i-[0-9a-f]{17} was selected for termination\.$/,
    );
    expect(activities.at(-1)?.Cause).toBe(
      'At 2026-01-01T00:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 2.  ' +
        'At 2026-01-01T00:00:01Z an instance was started in response to a difference between desired and actual ' +
        'capacity, increasing the capacity from 0 to 2.',
    );
  });

  it('shows draining instances as such, and waits for the deregistration delay', async () => {
    await world.startRefresh({ MinHealthyPercentage: 50 });
    await world.advance(5);
    const statuses = (await world.activities()).map(({ StatusCode }) => StatusCode);
    expect(statuses).toContain('WaitingForELBConnectionDraining');
    expect((await world.instances()).map(({ LifecycleState }) => LifecycleState).sort()).toEqual([
      'InService',
      'Pending',
      'Terminating',
    ]);
    await world.advance(24);
    expect(await world.instances()).toHaveLength(3);
    await world.advance(10);
    expect(await world.instances()).toHaveLength(2);
  });

  it('bakes before it succeeds', async () => {
    await world.startRefresh({ ...launchFirst, BakeTime: 600 });
    await world.until(['Baking']);
    await world.advance(590);
    expect(await world.refresh()).toMatchObject({ Status: 'Baking', PercentageComplete: 100 });
    expect((await world.group()).LaunchTemplate.Version).toBe('1');
    await world.advance(15);
    expect((await world.refresh()).Status).toBe('Successful');
    expect((await world.group()).LaunchTemplate.Version).toBe('2');
  });

  it('fills defaults into the preferences it echoes', async () => {
    await world.startRefresh({}, null);
    expect((await world.refresh()).Preferences).toEqual({
      MinHealthyPercentage: 90,
      MaxHealthyPercentage: undefined,
      InstanceWarmup: 30,
      SkipMatching: false,
      AutoRollback: false,
      ScaleInProtectedInstances: 'Wait',
      StandbyInstances: 'Wait',
    });
  });

  it('has nothing to do in an empty group', async () => {
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(120);
    await world.startRefresh();
    await world.advance(2);
    expect((await world.refresh()).Status).toBe('Successful');
  });
});

describe('warmup', () => {
  it.each([
    [{ InstanceWarmup: 45 }, {}, 45],
    [{}, { DefaultInstanceWarmup: 20 }, 20],
    [{}, { DefaultInstanceWarmup: -1 }, 60],
    [{ InstanceWarmup: 0 }, {}, 0],
  ])('%j on a group with %j is %d seconds', async (preferences, settings, seconds) => {
    await world.call('UpdateAutoScalingGroup', { ...shop, ...settings });
    await world.startRefresh(preferences);
    expect((await world.refresh()).Preferences.InstanceWarmup).toBe(seconds);
  });
});

describe('checkpoints', () => {
  it('waits at each, and skips those passed at once', async () => {
    await world.startRefresh({ ...launchFirst, CheckpointPercentages: [10, 40, 100], CheckpointDelay: 300 });
    await world.advance(100);
    expect(await world.refresh()).toMatchObject({ Status: 'InProgress', PercentageComplete: 50 });
    expect((await world.refresh()).StatusReason).toMatch(/^Waiting at checkpoint 40%/);
    await world.advance(250);
    expect((await world.refresh()).PercentageComplete).toBe(50);
    await world.until(['Successful'], 300);
    expect(await world.versions()).toBe('2 2');
  });

  it('ends Successful at a last one below 100, with old instances left', async () => {
    await world.startRefresh({ ...launchFirst, CheckpointPercentages: [50], CheckpointDelay: 60 });
    expect(await world.until(['Successful'])).toMatchObject({ PercentageComplete: 50 });
    expect(await world.versions()).toBe('1 2');
    expect((await world.group()).LaunchTemplate.Version).toBe('2');
  });

  it('does not count as lack of progress, however long the delay', async () => {
    await world.startRefresh({ ...launchFirst, CheckpointPercentages: [50, 100], CheckpointDelay: 10_800 });
    await world.advance(9000, 10);
    expect((await world.refresh()).Status).toBe('InProgress');
    await world.until(['Successful'], 4000, 5);
  });
});

describe('skip matching', () => {
  it('succeeds at once when everything matches', async () => {
    const before = (await world.instances()).map(({ InstanceId }) => InstanceId);
    await world.startRefresh({ SkipMatching: true }, '1');
    await world.advance(1);
    expect(await world.refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 100 });
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).toEqual(before);
  });

  it('replaces only what does not match', async () => {
    await world.startRefresh({ ...launchFirst, CheckpointPercentages: [50], CheckpointDelay: 0 });
    await world.until(['Successful']);
    const kept = (await world.instances()).find(({ LaunchTemplate }) => LaunchTemplate.Version === '2');
    await world.startRefresh({ ...launchFirst, SkipMatching: true });
    await world.until(['Successful']);
    expect(await world.versions()).toBe('2 2');
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).toContain(kept?.InstanceId);
  });

  it('replaces everything without it, the same version too', async () => {
    const before = (await world.instances()).map(({ InstanceId }) => InstanceId);
    await world.startRefresh(launchFirst, '1');
    await world.until(['Successful']);
    expect((await world.instances()).filter(({ InstanceId }) => before.includes(InstanceId))).toEqual([]);
  });

  it('looks $Latest up again, so that a version made meanwhile is rolled out too', async () => {
    await world.startRefresh({ ...launchFirst, MaxHealthyPercentage: 150, SkipMatching: true }, '$Latest');
    await world.advance(60);
    world.latest = 4;
    await world.until(['Successful']);
    expect(await world.versions()).toBe('4 4');
    expect((await world.group()).LaunchTemplate.Version).toBe('$Latest');
  });
});

describe('one refresh at a time', () => {
  it('refuses a second one in AWS own words', async () => {
    await world.startRefresh();
    expect(await world.refused('StartInstanceRefresh', shop)).toBe(
      'InstanceRefreshInProgress: An Instance Refresh is already in progress and blocks the execution of this ' +
        'Instance Refresh.',
    );
  });

  it('blocks updates of the configuration, and of nothing else', async () => {
    await world.startRefresh(launchFirst);
    await world.advance(5);
    expect(
      await world.refused('UpdateAutoScalingGroup', {
        ...shop,
        LaunchTemplate: { LaunchTemplateId: template, Version: '3' },
      }),
    ).toBe(
      'ValidationError: An active instance refresh with a desired configuration exists. All configuration options ' +
        'derived from the desired configuration are not available for update while the instance refresh is active.',
    );
    await world.call('UpdateAutoScalingGroup', { ...shop, MaxSize: 6 });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.until(['Successful']);
    expect(await world.versions()).toBe('2 2 2');
    await world.call('UpdateAutoScalingGroup', {
      ...shop,
      LaunchTemplate: { LaunchTemplateId: template, Version: '3' },
    });
  });

  it('allows it without a desired configuration', async () => {
    await world.startRefresh({}, null);
    await world.call('UpdateAutoScalingGroup', {
      ...shop,
      LaunchTemplate: { LaunchTemplateId: template, Version: '3' },
    });
    await world.until(['Successful']);
    expect(await world.versions()).toBe('3 3');
  });
});

describe('alarms', () => {
  const preferences = { ...launchFirst, AlarmSpecification: { Alarms: ['errors'] } };

  it.each([
    ['ALARM', /is in ALARM state/],
    ['INSUFFICIENT_DATA', /is in INSUFFICIENT_DATA state/],
  ] as const)('%s refuses the start', async (state, text) => {
    world.alarms.set('errors', state);
    expect(await world.refused('StartInstanceRefresh', { ...shop, Preferences: preferences })).toMatch(text);
  });

  it('that does not exist refuses the start', async () => {
    expect(await world.refused('StartInstanceRefresh', { ...shop, Preferences: preferences })).toMatch(
      /^ValidationError: The CloudWatch alarm errors does not exist/,
    );
  });

  it('in ALARM fails the refresh', async () => {
    world.alarms.set('errors', 'OK');
    await world.startRefresh(preferences);
    await world.advance(30);
    world.alarms.set('errors', 'ALARM');
    await world.advance(1);
    expect(await world.refresh()).toMatchObject({
      Status: 'Failed',
      StatusReason: 'The CloudWatch alarm errors went into ALARM state.',
    });
    expect((await world.group()).LaunchTemplate.Version).toBe('1');
  });

  it('in ALARM while baking rolls back with AutoRollback', async () => {
    world.alarms.set('errors', 'OK');
    await world.startRefresh({ ...preferences, AutoRollback: true, BakeTime: 3600 });
    await world.until(['Baking']);
    world.alarms.set('errors', 'ALARM');
    const rolledBack = await world.until(['RollbackSuccessful']);
    expect(rolledBack.RollbackDetails).toMatchObject({
      RollbackReason: 'The CloudWatch alarm errors went into ALARM state.',
      PercentageCompleteOnRollback: 100,
      InstancesToUpdateOnRollback: 0,
    });
    expect(await world.versions()).toBe('1 1');
  });

  it('without data hold the refresh until there is data', async () => {
    world.alarms.set('errors', 'OK');
    await world.startRefresh({ ...preferences, MaxHealthyPercentage: 150 });
    await world.advance(2);
    world.alarms.set('errors', 'INSUFFICIENT_DATA');
    await world.advance(5000, 5);
    expect(await world.refresh()).toMatchObject({ Status: 'InProgress' });
    expect(await world.versions()).not.toBe('2 2');
    world.alarms.set('errors', 'OK');
    await world.until(['Successful']);
  });
});

describe('a version that never gets healthy', () => {
  beforeEach(() => {
    world.simulated.inject({ templateVersion: 2, neverHealthy: 'Target.ResponseCodeMismatch' });
  });

  it('is retried for an hour without progress, then Failed, with the old version serving', async () => {
    await world.startRefresh(launchFirst);
    await world.advance(3590, 5);
    expect(await world.refresh()).toMatchObject({ Status: 'InProgress', PercentageComplete: 0 });
    expect((await world.activities()).map(({ Cause }) => Cause).join('\n')).toMatch(
      /an instance was taken out of service in response to an ELB system health check failure\./,
    );
    const failed = await world.until(['Failed'], 60, 5);
    expect(failed.StatusReason).toBe('The instance refresh made no progress for one hour.');
    await world.advance(120);
    expect(await world.versions()).toBe('1 1');
    expect((await world.group()).LaunchTemplate.Version).toBe('1');
  });

  it('is replaced again and again, each time because of its health', async () => {
    await world.startRefresh(launchFirst);
    await world.advance(600, 2);
    expect(
      (await world.activities()).some(({ Cause }) =>
        Cause.endsWith(
          'an instance was launched in response to an unhealthy instance needing to be replaced.',
        ),
      ),
    ).toBe(true);
  });

  it('is rolled back after the hour with AutoRollback', async () => {
    await world.startRefresh({ ...launchFirst, AutoRollback: true });
    await world.advance(3590, 5);
    await world.until(['RollbackInProgress', 'RollbackSuccessful'], 60, 5);
    const done = await world.until(['RollbackSuccessful']);
    expect(done).toMatchObject({
      PercentageComplete: 0,
      RollbackDetails: {
        RollbackReason: 'The instance refresh made no progress for one hour.',
        RollbackStartTime: expect.any(Date),
        PercentageCompleteOnRollback: 0,
        InstancesToUpdateOnRollback: 0,
      },
    });
    expect(await world.versions()).toBe('1 1');
  });

  it('never touches the old instances when it is launched first', async () => {
    const before = (await world.instances()).map(({ InstanceId }) => InstanceId);
    await world.startRefresh(launchFirst);
    await world.advance(300);
    await world.call('RollbackInstanceRefresh', shop);
    await world.advance(1);
    expect((await world.instances()).length).toBeGreaterThan(2);
    await world.until(['RollbackSuccessful']);
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).toEqual(before);
  });

  it('is not noticed by a group whose health check type is EC2', async () => {
    await world.call('UpdateAutoScalingGroup', { ...shop, HealthCheckType: 'EC2' });
    await world.startRefresh(launchFirst);
    await world.until(['Successful']);
    await world.advance(60);
    const { targetGroups } = world.simulated.simulation;
    const [arn] = (await world.group()).TargetGroupARNs as string[];
    expect(targetGroups.health(arn ?? '').every(({ state }) => state === 'unhealthy')).toBe(true);
  });
});

describe('cancel', () => {
  it('waits in Cancelling for what is under way, then leaves a mixed fleet', async () => {
    await world.startRefresh({ MinHealthyPercentage: 50 });
    await world.advance(10);
    await world.call('CancelInstanceRefresh', shop);
    expect(await world.refresh()).toMatchObject({
      Status: 'Cancelling',
      StatusReason: 'Cancelled due to user request.',
    });
    expect(await world.refused('StartInstanceRefresh', shop)).toMatch(/^InstanceRefreshInProgress/);
    const cancelled = await world.until(['Cancelled']);
    expect(cancelled.StatusReason).toBe('Cancelled due to user request.');
    expect((await world.instances()).every(({ LifecycleState }) => LifecycleState === 'InService')).toBe(
      true,
    );
    expect(await world.versions()).toBe('1 2');
    expect((await world.group()).LaunchTemplate.Version).toBe('1');
  });

  it('without waiting is Cancelled at once, and another refresh may start', async () => {
    await world.startRefresh({ MinHealthyPercentage: 50 });
    await world.advance(10);
    await world.call('CancelInstanceRefresh', { ...shop, WaitForTransitioningInstances: false });
    expect((await world.refresh()).Status).toBe('Cancelled');
    await world.startRefresh(launchFirst, '3');
    await world.until(['Successful']);
    expect(await world.versions()).toBe('3 3');
  });

  it('takes back what was launched on top and does not serve yet', async () => {
    const before = (await world.instances()).map(({ InstanceId }) => InstanceId);
    await world.startRefresh(launchFirst);
    await world.advance(10);
    await world.call('CancelInstanceRefresh', shop);
    await world.until(['Cancelled']);
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).toEqual(before);
  });

  it('needs an active refresh', async () => {
    expect(await world.refused('CancelInstanceRefresh', shop)).toBe(
      'ActiveInstanceRefreshNotFound: No in progress or pending Instance Refresh found for Auto Scaling group shop',
    );
  });

  it('also ends a rollback', async () => {
    await world.startRefresh({ MinHealthyPercentage: 50 });
    await world.advance(60);
    await world.call('RollbackInstanceRefresh', shop);
    await world.advance(5);
    await world.call('CancelInstanceRefresh', shop);
    await world.until(['Cancelled']);
  });
});

describe('rollback', () => {
  it('replaces what was replaced, with the saved version, and the percentage falls', async () => {
    await world.call('UpdateAutoScalingGroup', { ...shop, MaxSize: 20, DesiredCapacity: 4 });
    await world.advance(180);
    const id = await world.startRefresh({ MinHealthyPercentage: 75 });
    while ((await world.refresh()).PercentageComplete < 50) await world.advance(5);
    const answer = await world.call('RollbackInstanceRefresh', shop);
    expect(answer).toEqual({ InstanceRefreshId: id });
    expect(await world.refresh()).toMatchObject({
      Status: 'RollbackInProgress',
      RollbackDetails: {
        RollbackReason: 'Rollback triggered due to user request.',
        PercentageCompleteOnRollback: 50,
      },
    });
    const seen: number[] = [];
    while ((await world.refresh()).Status === 'RollbackInProgress') {
      seen.push((await world.refresh()).PercentageComplete);
      await world.advance(5);
    }
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    expect(await world.refresh()).toMatchObject({ Status: 'RollbackSuccessful', PercentageComplete: 0 });
    expect(await world.versions()).toBe('1 1 1 1');
  });

  it('fails when the saved version is gone', async () => {
    await world.startRefresh({ MinHealthyPercentage: 50 });
    await world.advance(60);
    world.deletedVersions.add(1);
    await world.call('RollbackInstanceRefresh', shop);
    expect(await world.until(['RollbackFailed'], 4000, 5)).toMatchObject({ Status: 'RollbackFailed' });
    expect((await world.activities()).find(({ StatusCode }) => StatusCode === 'Failed')?.StatusMessage).toBe(
      'Could not find the specified version 1 for the launch template with ID lt-0123456789abcdef0. ' +
        'Launching EC2 instance failed.',
    );
  });

  it.each([
    ['without a desired configuration', null, '1'],
    ['of a group on $Latest', '2', '$Latest'],
  ])('is impossible %s', async (_name, version, saved) => {
    await world.call('UpdateAutoScalingGroup', {
      ...shop,
      LaunchTemplate: { LaunchTemplateName: 'shop', Version: saved },
    });
    await world.startRefresh({}, version);
    await world.advance(5);
    expect(await world.refused('RollbackInstanceRefresh', shop)).toMatch(/^IrreversibleInstanceRefresh: /);
  });

  it('needs an active refresh', async () => {
    expect(await world.refused('RollbackInstanceRefresh', shop)).toMatch(/^ActiveInstanceRefreshNotFound: /);
  });

  it('is refused as a preference where it could not work', async () => {
    expect(
      await world.refused('StartInstanceRefresh', { ...shop, Preferences: { AutoRollback: true } }),
    ).toBe(
      "ValidationError: The request isn't valid. The AutoRollback parameter cannot be set to true when the " +
        'DesiredConfiguration parameter is empty. Set AutoRollback to false or specify a desired configuration and ' +
        'try again.',
    );
    await world.call('UpdateAutoScalingGroup', {
      ...shop,
      LaunchTemplate: { LaunchTemplateName: 'shop', Version: '$Default' },
    });
    await expect(world.startRefresh({ AutoRollback: true })).rejects.toThrow(/\$Latest or \$Default/);
  });

  it('shows no progress where an instance that was on its way comes into service', async () => {
    await world.call('UpdateAutoScalingGroup', { ...shop, HealthCheckType: 'EC2' });
    await world.startRefresh({ MinHealthyPercentage: 0, InstanceWarmup: 0 });
    await world.advance(5);
    await world.call('RollbackInstanceRefresh', shop);
    while ((await world.refresh()).Status === 'RollbackInProgress') {
      expect((await world.refresh()).PercentageComplete).toBe(0);
      await world.advance(1);
    }
    expect(await world.versions()).toBe('1 1');
  });

  it('keeps to the minimum where a new instance is protected before it is warmed up', async () => {
    await world.startRefresh({ MinHealthyPercentage: 100, MaxHealthyPercentage: 150 });
    await world.advance(35);
    const fresh = (await world.instances()).find(({ LaunchTemplate }) => LaunchTemplate.Version === '2');
    expect(fresh?.LifecycleState).toBe('InService');
    const protect = (ProtectedFromScaleIn: boolean) =>
      world.call('SetInstanceProtection', {
        ...shop,
        InstanceIds: [fresh?.InstanceId],
        ProtectedFromScaleIn,
      });
    await protect(true);
    await world.call('RollbackInstanceRefresh', shop);
    await world.advance(10);
    expect(await world.versions()).toBe('1 1 2');
    await protect(false);
    await world.until(['RollbackSuccessful']);
    expect(await world.versions()).toBe('1 1');
  });
});
