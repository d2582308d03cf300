import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Json, World, launchFirst, shop } from '../../helpers/fleet.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('an instance', () => {
  it('is Pending, then InService once registered, before the target is healthy', async () => {
    await world.createGroup(1);
    await world.advance(3);
    expect(await world.states()).toEqual(['Pending']);
    expect(world.targets()).toEqual([]);
    await world.advance(20);
    expect(await world.states()).toEqual(['InService']);
    expect(world.targets()).toEqual(['initial']);
    await world.advance(10);
    expect(world.targets()).toEqual(['healthy']);
  });

  it('leaves by draining, then shutting down', async () => {
    await world.settledGroup(1);
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(2);
    expect(await world.states()).toEqual(['Terminating']);
    expect(world.targets()).toEqual(['draining']);
    await world.advance(40);
    expect(await world.states()).toEqual([]);
    expect(world.targets()).toEqual([]);
  });

  it('drains as slowly as a fault says', async () => {
    world.simulated.inject({ drainSeconds: 500 });
    await world.settledGroup(1);
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(490);
    expect(await world.states()).toEqual(['Terminating']);
    await world.advance(30);
    expect(await world.states()).toEqual([]);
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
    const id = await world.firstId();
    await world.call('EnterStandby', { ...shop, InstanceIds: [id], ShouldDecrementDesiredCapacity: true });
    await world.advance(2);
    expect(await world.states()).toEqual(['EnteringStandby', 'InService']);
    await world.advance(40);
    expect(await world.states()).toEqual(['InService', 'Standby']);
    expect(world.targets()).toEqual(['healthy']);
    expect((await world.group()).DesiredCapacity).toBe(1);
    await world.call('ExitStandby', { ...shop, InstanceIds: [id] });
    await world.advance(10);
    expect(await world.states()).toEqual(['InService', 'InService']);
    expect((await world.group()).DesiredCapacity).toBe(2);
    expect(world.targets()).toEqual(['healthy', 'healthy']);
    const said = (await world.causes()).join('\n');
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
        InstanceIds: [await world.firstId()],
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
    expect(await world.states()).toEqual(['Pending:Wait']);
    expect((await world.activities())[0]?.StatusCode).toBe('MidLifecycleAction');
    await answer('LAUNCHING', 'CONTINUE');
    await world.advance(1);
    expect(await world.states()).toEqual(['Pending:Proceed']);
    await world.advance(1);
    expect(await world.states()).toEqual(['InService']);
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
    expect((await world.causes()).join('\n')).toMatch(
      /taken out of service in response to a launch failure\./,
    );
    expect((await world.states()).length).toBeGreaterThan(0);
  });

  it('go on by themselves when the default is CONTINUE, and later with a heartbeat', async () => {
    await world.createGroup(1, { DesiredCapacity: 0 });
    await world.call('PutLifecycleHook', { ...hook('LAUNCHING', { DefaultResult: 'CONTINUE' }) });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 1 });
    await world.advance(70);
    await world.call('RecordLifecycleActionHeartbeat', {
      ...shop,
      LifecycleHookName: 'on-LAUNCHING',
      InstanceId: await world.firstId(),
    });
    await world.advance(50);
    expect(await world.states()).toEqual(['Pending:Wait']);
    await world.advance(15);
    expect(await world.states()).toEqual(['InService']);
  });

  it('hold a termination, after draining', async () => {
    await world.settledGroup(1);
    await world.call('PutLifecycleHook', { ...hook('TERMINATING') });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(40);
    expect(await world.states()).toEqual(['Terminating:Wait']);
    expect(world.targets()).toEqual([]);
    await answer('TERMINATING', 'CONTINUE');
    await world.advance(10);
    expect(await world.states()).toEqual([]);
  });

  it('refuse an answer that nobody waits for', async () => {
    await world.settledGroup(1);
    expect(
      await world.refused('CompleteLifecycleAction', {
        ...shop,
        LifecycleHookName: 'x',
        InstanceId: await world.firstId(),
        LifecycleActionResult: 'CONTINUE',
      }),
    ).toMatch(/^ValidationError: No active Lifecycle Action found with instance ID i-/);
  });
});

describe('launches that fail', () => {
  beforeEach(() => world.settledGroup(2));

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

describe('an instance whose terminate hook was abandoned', () => {
  const policy = (TerminateHookAbandon: string) => ({
    InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon } },
  });

  async function abandoned(more: Json): Promise<string> {
    await world.settledGroup(2, more);
    await world.call('PutLifecycleHook', {
      ...{ ...shop, LifecycleHookName: 'backup', HeartbeatTimeout: 60 },
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    });
    const id = await world.firstId();
    await world.call('TerminateInstanceInAutoScalingGroup', {
      ...{ InstanceId: id, ShouldDecrementDesiredCapacity: true },
    });
    await world.advance(180);
    return id;
  }

  it.each([
    ['is retained, where the group says so', policy('retain'), ['InService', 'Terminating:Retained']],
    ['is terminated, where the group says so', policy('terminate'), ['InService']],
    ['is terminated, where the group says nothing', {}, ['InService']],
  ])('%s', async (_, more, expected) => {
    await abandoned(more);
    expect(await world.states()).toEqual(expected);
  });

  it('counts for nothing, gets no request, and goes when somebody terminates it', async () => {
    const id = await abandoned(policy('retain'));
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 2 });
    await world.advance(120);
    expect(await world.states()).toEqual(['InService', 'InService', 'Terminating:Retained']);
    expect(world.targets()).toEqual(['healthy', 'healthy']);
    await world.call('TerminateInstanceInAutoScalingGroup', {
      ...{ InstanceId: id, ShouldDecrementDesiredCapacity: false },
    });
    await world.advance(20);
    expect(await world.states()).toEqual(['InService', 'InService']);
  });

  it('holds up no refresh, and goes with its group', async () => {
    await abandoned(policy('retain'));
    await world.call('DeleteLifecycleHook', { ...shop, LifecycleHookName: 'backup' });
    await world.startRefresh({ MinHealthyPercentage: 0 });
    await world.advance(400);
    expect((await world.refresh()).Status).toBe('Successful');
    expect(await world.refused('DeleteAutoScalingGroup', shop)).toContain('ResourceInUse');
    await world.call('DeleteAutoScalingGroup', { ...shop, ForceDelete: true });
    await world.advance(120);
    expect(world.simulated.fleet.state.groups.size).toBe(0);
  });
});
