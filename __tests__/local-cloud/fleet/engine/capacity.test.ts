import { beforeEach, describe, expect, it } from '@jest/globals';
import { World, shop } from '../../helpers/fleet.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('the desired capacity', () => {
  beforeEach(() => world.settledGroup(2));

  it('is explained in the words of AWS when it grows and shrinks', async () => {
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(60);
    expect((await world.causes())[0]).toMatch(
      /^At \S+ a user request explicitly set group desired capacity changing the desired capacity from 2 to 3\. {2}At \S+ an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 2 to 3\.$/,
    );
    await world.call('UpdateAutoScalingGroup', { ...shop, MinSize: 1, MaxSize: 3, DesiredCapacity: 2 });
    await world.advance(60);
    expect((await world.causes())[0]).toMatch(
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
      InstanceIds: [await world.firstId()],
      ProtectedFromScaleIn: true,
    });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 0 });
    await world.advance(60);
    expect(await world.states()).toEqual(['InService']);
    const refused = (await world.activities()).filter(({ StatusCode }) => StatusCode === 'Cancelled');
    expect(refused.map(({ StatusMessage }) => StatusMessage)).toEqual([
      'Could not scale to desired capacity because all remaining instances are protected from scale-in.',
    ]);
  });

  it('stays or shrinks when one instance is terminated by hand', async () => {
    const keep = { InstanceId: await world.firstId(), ShouldDecrementDesiredCapacity: false };
    const { Activity } = await world.call<{ Activity: { Cause: string; Description: string } }>(
      'TerminateInstanceInAutoScalingGroup',
      keep,
    );
    expect(Activity.Description).toBe(`Terminating EC2 instance: ${keep.InstanceId}`);
    expect(Activity.Cause).toMatch(
      /^At \S+ instance i-\w+ was taken out of service in response to a user request\.$/,
    );
    await world.advance(120);
    expect(await world.states()).toEqual(['InService', 'InService']);
    await world.call('TerminateInstanceInAutoScalingGroup', {
      InstanceId: await world.firstId(),
      ShouldDecrementDesiredCapacity: true,
    });
    await world.advance(120);
    expect(await world.states()).toEqual(['InService']);
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
    expect(world.targets()).toEqual(['healthy', 'healthy']);
    expect(await world.instances()).toHaveLength(3);
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
