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
