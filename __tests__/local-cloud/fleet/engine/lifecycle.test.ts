import { beforeEach, describe, expect, it } from '@jest/globals';
import { World, targetGroup } from '../../helpers/fleet.ts';

const shop = { AutoScalingGroupName: 'shop' };

let world: World;
beforeEach(() => {
  world = new World();
});

const targets = (): string[] =>
  world.simulated.simulation.targetGroups
    .health(targetGroup)
    .map(({ state }) => state)
    .sort();

const states = async (): Promise<string[]> =>
  (await world.instances()).map(({ LifecycleState }) => LifecycleState).sort();

const causes = async (): Promise<string[]> => (await world.activities()).map(({ Cause }) => Cause);

const firstId = async (): Promise<string> => (await world.instances())[0]?.InstanceId ?? '';

describe('an instance', () => {
  it('is Pending, then InService once registered, before the target is healthy', async () => {
    await world.createGroup(1);
    await world.advance(3);
    expect(await states()).toEqual(['Pending']);
    expect(targets()).toEqual([]);
    await world.advance(20);
    expect(await states()).toEqual(['InService']);
    expect(targets()).toEqual(['initial']);
    await world.advance(10);
    expect(targets()).toEqual(['healthy']);
  });

  it('leaves by draining, then shutting down', async () => {
    await world.settledGroup(1);
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(2);
    expect(await states()).toEqual(['Terminating']);
    expect(targets()).toEqual(['draining']);
    await world.advance(40);
    expect(await states()).toEqual([]);
    expect(targets()).toEqual([]);
  });

  it('drains as slowly as a fault says', async () => {
    world.simulated.inject({ drainSeconds: 500 });
    await world.settledGroup(1);
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(490);
    expect(await states()).toEqual(['Terminating']);
    await world.advance(30);
    expect(await states()).toEqual([]);
  });

  it('is spread over the zones', async () => {
    await world.settledGroup(4);
    const zones = (await world.instances()).map(({ AvailabilityZone }) => AvailabilityZone).sort();
    expect(zones).toEqual(['eu-north-1a', 'eu-north-1a', 'eu-north-1b', 'eu-north-1b']);
  });
});

describe('health', () => {
  beforeEach(() => world.settledGroup(2));

  it('replaces an instance that stopped', async () => {
    const id = await firstId();
    world.simulated.simulation.kill(id);
    await world.advance(120);
    expect(await states()).toEqual(['InService', 'InService']);
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).not.toContain(id);
    const said = (await causes()).join('\n');
    expect(said).toMatch(
      /an instance was taken out of service in response to an EC2 health check that indicated it had been terminated or stopped\./,
    );
    expect(said).toMatch(
      /an instance was launched in response to an unhealthy instance needing to be replaced\./,
    );
  });

  it.each([
    ['HealthCheck', 'Healthy', 2],
    ['ReplaceUnhealthy', 'Unhealthy', 2],
  ])('with %s suspended, a stopped instance stays %s', async (process, health, count) => {
    await world.call('SuspendProcesses', { ...shop, ScalingProcesses: [process] });
    const id = await firstId();
    world.simulated.simulation.kill(id);
    await world.advance(60);
    const stopped = (await world.instances()).find(({ InstanceId }) => InstanceId === id);
    expect(stopped?.HealthStatus).toBe(health);
    expect(await world.instances()).toHaveLength(count);
  });

  it('of the load balancer counts after the grace period only', async () => {
    world.simulated.inject({ neverHealthy: 'Target.Timeout' });
    await world.call('UpdateAutoScalingGroup', { ...shop, HealthCheckGracePeriod: 300 });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(310);
    expect(await states()).toEqual(['InService', 'InService', 'InService']);
    expect(targets()).toEqual(['healthy', 'healthy', 'unhealthy']);
    await world.advance(20);
    expect(await states()).toContain('Terminating');
  });

  it('SetInstanceHealth respects the grace period, unless told not to', async () => {
    await world.call('UpdateAutoScalingGroup', { ...shop, HealthCheckGracePeriod: 3600 });
    const id = await firstId();
    const health = { InstanceId: id, HealthStatus: 'Unhealthy' };
    await world.call('SetInstanceHealth', health);
    await world.advance(5);
    expect(await states()).toEqual(['InService', 'InService']);
    await world.call('SetInstanceHealth', { ...health, ShouldRespectGracePeriod: false });
    await world.advance(5);
    expect(await states()).toContain('Terminating');
    expect((await causes())[0]).toMatch(/in response to a user health-check\.$|needing to be replaced\.$/);
  });

  it('is not judged by the load balancer before one instance has ever passed', async () => {
    const other = new World();
    other.simulated.inject({ neverHealthy: true });
    await other.createGroup(2);
    await other.advance(900, 5);
    expect((await other.instances()).every(({ HealthStatus }) => HealthStatus === 'Healthy')).toBe(true);
    expect(await other.activities()).toHaveLength(2);
  });

  it('is replaced launch-first with an instance maintenance policy', async () => {
    const policy = { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 };
    await world.call('UpdateAutoScalingGroup', { ...shop, InstanceMaintenancePolicy: policy });
    const id = await firstId();
    await world.call('SetInstanceHealth', {
      InstanceId: id,
      HealthStatus: 'Unhealthy',
      ShouldRespectGracePeriod: false,
    });
    await world.advance(25);
    expect((await states()).filter((state) => state === 'InService')).toHaveLength(3);
    await world.advance(120);
    expect(await states()).toEqual(['InService', 'InService']);
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).not.toContain(id);
  });

  it('dies after a while when a fault says so', async () => {
    world.simulated.inject({ diesAfterSeconds: 100 });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(115);
    expect(await states()).toEqual(['InService', 'InService', 'InService']);
    await world.advance(10);
    expect(await states()).toContain('Pending');
  });
});

describe('the desired capacity', () => {
  beforeEach(() => world.settledGroup(2));

  it('is explained in the words of AWS when it grows and shrinks', async () => {
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(60);
    expect((await causes())[0]).toMatch(
      /^At \S+ a user request explicitly set group desired capacity changing the desired capacity from 2 to 3\. {2}At \S+ an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 2 to 3\.$/,
    );
    await world.call('UpdateAutoScalingGroup', { ...shop, MinSize: 1, MaxSize: 3, DesiredCapacity: 2 });
    await world.advance(60);
    expect((await causes())[0]).toMatch(
      /^At \S+ a user request update of AutoScalingGroup constraints to min: 1, max: 3, desired: 2 changing the desired capacity from 3 to 2\. {2}At \S+ an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 3 to 2\. {2}At \S+ instance i-\w+ was selected for termination\.$/,
    );
  });

  it('takes out the oldest template version first, and never a protected instance', async () => {
    await world.startRefresh({
      ...{ MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
      ...{ CheckpointPercentages: [50], CheckpointDelay: 0 },
    });
    await world.until(['Successful']);
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 1 });
    await world.advance(60);
    expect(await world.versions()).toBe('2');
    await world.call('SetInstanceProtection', {
      ...shop,
      InstanceIds: [await firstId()],
      ProtectedFromScaleIn: true,
    });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(60);
    expect(await states()).toEqual(['InService']);
    const refused = (await world.activities()).filter(({ StatusCode }) => StatusCode === 'Cancelled');
    expect(refused.map(({ StatusMessage }) => StatusMessage)).toEqual([
      'Could not scale to desired capacity because all remaining instances are protected from scale-in.',
    ]);
  });

  it('stays or shrinks when one instance is terminated by hand', async () => {
    const keep = { InstanceId: await firstId(), ShouldDecrementDesiredCapacity: false };
    const { Activity } = await world.call<{ Activity: { Cause: string; Description: string } }>(
      'TerminateInstanceInAutoScalingGroup',
      keep,
    );
    expect(Activity.Description).toBe(`Terminating EC2 instance: ${keep.InstanceId}`);
    expect(Activity.Cause).toMatch(
      /^At \S+ instance i-\w+ was taken out of service in response to a user request\.$/,
    );
    await world.advance(120);
    expect(await states()).toEqual(['InService', 'InService']);
    await world.call('TerminateInstanceInAutoScalingGroup', {
      InstanceId: await firstId(),
      ShouldDecrementDesiredCapacity: true,
    });
    await world.advance(120);
    expect(await states()).toEqual(['InService']);
    expect((await world.group()).DesiredCapacity).toBe(1);
  });

  it('is not touched while Launch is suspended', async () => {
    await world.call('SuspendProcesses', { ...shop, ScalingProcesses: ['Launch'] });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 4 });
    await world.advance(60);
    expect(await world.instances()).toHaveLength(2);
    await world.call('ResumeProcesses', shop);
    await world.advance(60);
    expect(await world.instances()).toHaveLength(4);
  });

  it('new instances are not registered while AddToLoadBalancer is suspended, nor after', async () => {
    await world.call('SuspendProcesses', { ...shop, ScalingProcesses: ['AddToLoadBalancer'] });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(60);
    await world.call('ResumeProcesses', { ...shop, ScalingProcesses: ['AddToLoadBalancer'] });
    await world.advance(60);
    expect(targets()).toEqual(['healthy', 'healthy']);
    expect(await world.instances()).toHaveLength(3);
  });
});

describe('standby', () => {
  beforeEach(() => world.settledGroup(2));

  it('takes an instance out of the load balancer and back', async () => {
    const id = await firstId();
    await world.call('EnterStandby', { ...shop, InstanceIds: [id], ShouldDecrementDesiredCapacity: true });
    await world.advance(2);
    expect(await states()).toEqual(['EnteringStandby', 'InService']);
    await world.advance(40);
    expect(await states()).toEqual(['InService', 'Standby']);
    expect(targets()).toEqual(['healthy']);
    expect((await world.group()).DesiredCapacity).toBe(1);
    await world.call('ExitStandby', { ...shop, InstanceIds: [id] });
    await world.advance(10);
    expect(await states()).toEqual(['InService', 'InService']);
    expect((await world.group()).DesiredCapacity).toBe(2);
    expect(targets()).toEqual(['healthy', 'healthy']);
    const said = (await causes()).join('\n');
    expect(said).toContain(
      `instance ${id} was moved to standby in response to a user request, shrinking the capacity from 2 to 1.`,
    );
    expect(said).toContain(
      `instance ${id} was moved out of standby in response to a user request, increasing the capacity from 1 to 2.`,
    );
  });

  it('can not go below the minimum', async () => {
    await world.call('UpdateAutoScalingGroup', { ...shop, MinSize: 2 });
    expect(
      await world.refused('EnterStandby', {
        ...shop,
        InstanceIds: [await firstId()],
        ShouldDecrementDesiredCapacity: true,
      }),
    ).toMatch(/^ValidationError: AutoScalingGroup shop has min=2, max=4, and desired=2\./);
  });
});

describe('lifecycle hooks', () => {
  const hook = (kind: string, more = {}): object => ({
    ...shop,
    LifecycleHookName: `on-${kind}`,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${kind}`,
    HeartbeatTimeout: 60,
    ...more,
  });
  const answer = async (kind: string, LifecycleActionResult: string): Promise<unknown> =>
    world.call('CompleteLifecycleAction', {
      ...shop,
      LifecycleHookName: `on-${kind}`,
      InstanceId: (await world.instances()).find(({ LifecycleState }) => LifecycleState.endsWith(':Wait'))
        ?.InstanceId,
      LifecycleActionResult,
    });

  it('hold a launch until CONTINUE', async () => {
    await world.createGroup(1, { DesiredCapacity: 0 });
    await world.call('PutLifecycleHook', { ...hook('LAUNCHING') });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 1 });
    await world.advance(50);
    expect(await states()).toEqual(['Pending:Wait']);
    expect((await world.activities())[0]?.StatusCode).toBe('MidLifecycleAction');
    await answer('LAUNCHING', 'CONTINUE');
    await world.advance(1);
    expect(await states()).toEqual(['Pending:Proceed']);
    await world.advance(1);
    expect(await states()).toEqual(['InService']);
  });

  it.each([
    ['ABANDON', 'Lifecycle Action Completed with ABANDON Result'],
    ['nothing', 'Heartbeat Timeout'],
  ])('give a launch up after %s', async (result, text) => {
    await world.createGroup(1, { DesiredCapacity: 0 });
    await world.call('PutLifecycleHook', { ...hook('LAUNCHING') });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 1 });
    await world.advance(50);
    if (result === 'ABANDON') await answer('LAUNCHING', 'ABANDON');
    await world.advance(40);
    const cancelled = (await world.activities()).find(({ StatusCode }) => StatusCode === 'Cancelled');
    expect(cancelled?.StatusMessage?.replace(/token [0-9a-f-]{36} /, 'token T ')).toBe(
      "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token T was abandoned: " +
        text,
    );
    expect(cancelled?.Description).toMatch(
      /^Launching a new EC2 instance: i-\w+\. {2}Status Reason: Instance failed/,
    );
    expect((await causes()).join('\n')).toMatch(/taken out of service in response to a launch failure\./);
    expect((await states()).length).toBeGreaterThan(0);
  });

  it('go on by themselves when the default is CONTINUE, and later with a heartbeat', async () => {
    await world.createGroup(1, { DesiredCapacity: 0 });
    await world.call('PutLifecycleHook', { ...hook('LAUNCHING', { DefaultResult: 'CONTINUE' }) });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 1 });
    await world.advance(70);
    await world.call('RecordLifecycleActionHeartbeat', {
      ...shop,
      LifecycleHookName: 'on-LAUNCHING',
      InstanceId: await firstId(),
    });
    await world.advance(50);
    expect(await states()).toEqual(['Pending:Wait']);
    await world.advance(15);
    expect(await states()).toEqual(['InService']);
  });

  it('hold a termination, after draining', async () => {
    await world.settledGroup(1);
    await world.call('PutLifecycleHook', { ...hook('TERMINATING') });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(40);
    expect(await states()).toEqual(['Terminating:Wait']);
    expect(targets()).toEqual([]);
    await answer('TERMINATING', 'CONTINUE');
    await world.advance(10);
    expect(await states()).toEqual([]);
  });

  it('refuse an answer that nobody waits for', async () => {
    await world.settledGroup(1);
    expect(
      await world.refused('CompleteLifecycleAction', {
        ...shop,
        LifecycleHookName: 'x',
        InstanceId: await firstId(),
        LifecycleActionResult: 'CONTINUE',
      }),
    ).toMatch(/^ValidationError: No active Lifecycle Action found with instance ID i-/);
  });
});

describe('ForceDelete', () => {
  it('takes protected and Standby instances too, and waits for no hook', async () => {
    await world.settledGroup(2);
    const [one, two] = (await world.instances()).map(({ InstanceId }) => InstanceId);
    await world.call('PutLifecycleHook', {
      ...{ ...shop, LifecycleHookName: 'x', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' },
    });
    await world.call('SetInstanceProtection', { ...shop, InstanceIds: [one], ProtectedFromScaleIn: true });
    await world.call('EnterStandby', { ...shop, InstanceIds: [two], ShouldDecrementDesiredCapacity: true });
    await world.advance(60);
    await world.call('DeleteAutoScalingGroup', { ...shop, ForceDelete: true });
    await world.advance(60);
    expect(await world.call('DescribeAutoScalingGroups', {})).toMatchObject({ AutoScalingGroups: [] });
  });
});
