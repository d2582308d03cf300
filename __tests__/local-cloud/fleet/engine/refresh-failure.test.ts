import { beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../helpers/fleet.ts';

const launchFirst = { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 };
const shop = { AutoScalingGroupName: 'shop' };

let world: World;
beforeEach(async () => {
  world = new World();
  await world.settledGroup(2);
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

describe('launches that fail', () => {
  it('leave activities with the reason, further and further apart, and no instance', async () => {
    world.simulated.inject({ noCapacity: true, templateVersion: 2 });
    await world.startRefresh(launchFirst);
    await world.advance(600);
    const failed = (await world.activities()).filter(({ StatusCode }) => StatusCode === 'Failed');
    const message =
      'We currently do not have sufficient t3.small capacity in the Availability Zone you requested (eu-north-1a). ' +
      'Our system will be working on provisioning additional capacity. Launching EC2 instance failed.';
    expect(failed.at(-1)).toMatchObject({
      Description: `Launching a new EC2 instance.  Status Reason: ${message}`,
      StatusMessage: message,
      Progress: 100,
    });
    expect(failed[0]?.Cause).toMatch(/an instance was launched in response to an instance refresh\.$/);
    const times = [...new Set(failed.map(({ StartTime }) => StartTime.getTime() / 1000))].reverse();
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(2);
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(await world.versions()).toBe('1 1');
  });

  it('stop failing when there is capacity again', async () => {
    world.simulated.inject({ noCapacity: 'Max spot instance count exceeded.' });
    await world.startRefresh(launchFirst);
    await world.advance(100);
    world.simulated.clearFaults();
    await world.until(['Successful']);
    expect(await world.versions()).toBe('2 2');
  });

  it('of an instance that EC2 gives up on are Cancelled', async () => {
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(3);
    const pending = (await world.instances()).find(({ LifecycleState }) => LifecycleState === 'Pending');
    await world.simulated.simulation.driver.terminate(pending?.InstanceId ?? '');
    await world.advance(10);
    const cancelled = (await world.activities()).find(({ StatusCode }) => StatusCode === 'Cancelled');
    expect(cancelled?.StatusMessage).toMatch(/Client\.InternalError: Client error on launch$/);
    await world.advance(120);
    expect(await world.instances()).toHaveLength(3);
  });
});

describe('a boot failure', () => {
  it('shows on the console, and the instance reports itself', async () => {
    world.simulated.inject({ templateVersion: 2, bootFailure: 'pull' });
    await world.startRefresh(launchFirst);
    await world.advance(24);
    const launched = (await world.instances()).find(({ LaunchTemplate }) => LaunchTemplate.Version === '2');
    expect(world.simulated.simulation.driver.console(launched?.InstanceId ?? '')).toMatch(
      /^ASG_DEPLOY_BOOT_FAILED step=pull image=ami-0abc$/m,
    );
    await world.advance(10);
    expect(
      (await world.activities()).some(({ Cause }) =>
        Cause.endsWith('an instance was taken out of service in response to a user health-check.'),
      ),
    ).toBe(true);
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
});
