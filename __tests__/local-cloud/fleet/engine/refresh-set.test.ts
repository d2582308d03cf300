import { beforeEach, describe, expect, it } from '@jest/globals';
import { World, launchFirst, shop } from '../../helpers/fleet.ts';

interface Row {
  desired: number;
  min: number;
  max?: number;
  /** Fewest and most instances in service at any moment; most running, pending ones included. */
  fewest: number;
  most: number;
  behaviour: string;
}

const rows: Row[] = [
  { desired: 1, min: 90, fewest: 0, most: 1, behaviour: 'the only one goes while the new one comes' },
  { desired: 1, min: 100, fewest: 0, most: 1, behaviour: 'min 100 without max changes nothing about it' },
  { desired: 1, min: 100, max: 100, fewest: 1, most: 2, behaviour: 'launched first, two for a while' },
  { desired: 1, min: 100, max: 200, fewest: 1, most: 2, behaviour: 'launched first, two for a while' },
  { desired: 2, min: 50, fewest: 1, most: 2, behaviour: 'one at a time' },
  { desired: 4, min: 90, fewest: 3, most: 4, behaviour: 'the minimum leaves no room, still one at a time' },
  { desired: 10, min: 80, fewest: 8, most: 10, behaviour: 'two at a time' },
  { desired: 10, min: 90, max: 100, fewest: 9, most: 10, behaviour: 'a tenth at a time' },
  { desired: 10, min: 0, fewest: 0, most: 10, behaviour: 'all at once' },
  { desired: 10, min: 100, max: 110, fewest: 10, most: 11, behaviour: 'one on top at a time' },
  { desired: 10, min: 100, max: 200, fewest: 10, most: 20, behaviour: 'ten in, then ten out' },
  { desired: 20, min: 90, max: 120, fewest: 18, most: 24, behaviour: 'between 18 and 24' },
];

describe('how many instances a refresh replaces at a time', () => {
  it.each(rows)(
    '$desired instances, min $min, max $max: $behaviour',
    async ({ desired, min, max, fewest, most }) => {
      const world = new World();
      await world.settledGroup(desired);
      await world.startRefresh({ MinHealthyPercentage: min, MaxHealthyPercentage: max });
      let [low, high] = [desired, desired];
      for (let second = 0; second < 4000; second += 1) {
        await world.advance(1);
        const instances = await world.instances();
        const serving = instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length;
        const coming = instances.filter(({ LifecycleState }) => LifecycleState.startsWith('Pending')).length;
        low = Math.min(low, serving);
        high = Math.max(high, serving + coming);
        if ((await world.refresh()).Status === 'Successful') break;
      }
      expect(await world.refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 100 });
      expect(await world.versions()).toBe(Array.from({ length: desired }, () => '2').join(' '));
      expect([low, high]).toEqual([fewest, most]);
    },
  );

  it('never has fewer healthy targets than it launches first for', async () => {
    const world = new World();
    await world.settledGroup(3);
    await world.startRefresh({ MinHealthyPercentage: 100, MaxHealthyPercentage: 150 });
    for (let second = 0; second < 900 && (await world.refresh()).Status !== 'Successful'; second += 1) {
      await world.advance(1);
      const arns = (await world.group()).TargetGroupARNs as string[];
      const healthy = world.simulated.simulation.targetGroups
        .health(arns[0] ?? '')
        .filter(({ state }) => state === 'healthy');
      expect(healthy.length).toBeGreaterThanOrEqual(3);
    }
    expect((await world.refresh()).Status).toBe('Successful');
  });

  it.each([
    { what: 'grows', from: 1, to: 2, min: 1, max: 100, most: 2 },
    { what: 'shrinks', from: 10, to: 2, min: 100, max: 200, most: 4 },
    { what: 'shrinks', from: 3, to: 0, min: 100, max: 150, most: 1 },
  ])(
    'stays within the maximum when the group $what from $from to $to in the middle of a set',
    async ({ from, to, min, max, most }) => {
      for (const held of ['', 'InstanceRefresh']) {
        const world = new World();
        await world.settledGroup(from);
        await world.startRefresh({ MinHealthyPercentage: min, MaxHealthyPercentage: max });
        await world.advance(5);
        if (held !== '') await world.call('SuspendProcesses', { ...shop, ScalingProcesses: [held] });
        await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: to });
        for (let second = 0; second < 60; second += 1) {
          await world.advance(1);
          const there = (await world.states()).filter((state) => !state.startsWith('Terminating'));
          expect(there.length).toBeLessThanOrEqual(most);
        }
        await world.call('ResumeProcesses', { ...shop, ScalingProcesses: ['InstanceRefresh'] });
        await world.until(['Successful']);
        await world.advance(60);
        expect(await world.versions()).toBe(Array.from({ length: to }, () => '2').join(' '));
      }
    },
  );

  it('waits for the warmup, and counts an instance only after it', async () => {
    const world = new World();
    await world.settledGroup(2);
    await world.startRefresh({ MinHealthyPercentage: 100, MaxHealthyPercentage: 200, InstanceWarmup: 120 });
    // Running after 20 s, healthy after 30 s: warmed up 120 s after it was in service.
    await world.advance(130);
    expect(await world.refresh()).toMatchObject({ Status: 'InProgress', PercentageComplete: 0 });
    expect((await world.refresh()).StatusReason).toMatch(
      /^Waiting for instances to warm up before continuing\. For example: i-[0-9a-f]{17} is warming up\.$/,
    );
    await world.advance(15);
    expect((await world.refresh()).PercentageComplete).toBe(100);
    expect((await world.until(['Successful'], 60)).StatusReason).toBeUndefined();
  });

  it('refreshes a thousand instances, a tenth at a time', async () => {
    const world = new World();
    await world.createGroup(1000, { MaxSize: 1200 });
    await world.advance(120, 10);
    await world.startRefresh({ MinHealthyPercentage: 90 });
    await world.until(['Successful'], 7200, 5);
    expect(new Set((await world.instances()).map(({ LaunchTemplate }) => LaunchTemplate.Version))).toEqual(
      new Set(['2']),
    );
    expect(await world.instances()).toHaveLength(1000);
  });
});

describe('in a group of two', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.settledGroup(2);
  });

  describe('instances that may not be replaced', () => {
    const protect = async (): Promise<string> => {
      const [instance] = await world.instances();
      const id = instance?.InstanceId ?? '';
      await world.call('SetInstanceProtection', { ...shop, InstanceIds: [id], ProtectedFromScaleIn: true });
      return id;
    };

    it('are waited for, an hour at most', async () => {
      const id = await protect();
      await world.startRefresh(launchFirst);
      await world.advance(1000, 5);
      expect((await world.refresh()).StatusReason).toContain(
        `${id} is protected. Remove instance scale-in protection to continue.`,
      );
      await world.until(['Failed'], 4000, 5);
      expect(await world.versions()).toBe('1 2');
    });

    it('are replaced as soon as the protection is taken away', async () => {
      const id = await protect();
      await world.startRefresh(launchFirst);
      await world.advance(1000, 5);
      await world.call('SetInstanceProtection', { ...shop, InstanceIds: [id], ProtectedFromScaleIn: false });
      await world.until(['Successful']);
      expect(await world.versions()).toBe('2 2');
    });

    it.each([
      ['Ignore', '1 2'],
      ['Refresh', '2 2'],
    ])('with %s, protected ones end as %s', async (mode, versions) => {
      await protect();
      await world.startRefresh({ ...launchFirst, ScaleInProtectedInstances: mode });
      expect(await world.until(['Successful'])).toMatchObject({ PercentageComplete: 100 });
      expect(await world.versions()).toBe(versions);
    });

    it.each([
      ['Ignore', 3, 'Successful'],
      ['Terminate', 2, 'Successful'],
      ['Wait', 3, 'Failed'],
    ])('with %s, one in Standby leaves %d instances and the refresh %s', async (mode, count, status) => {
      const [instance] = await world.instances();
      await world.call('EnterStandby', {
        ...shop,
        InstanceIds: [instance?.InstanceId],
        ShouldDecrementDesiredCapacity: false,
      });
      await world.advance(180);
      await world.startRefresh({ ...launchFirst, StandbyInstances: mode });
      await world.until([status], 4200, 5);
      await world.advance(60);
      expect(await world.instances()).toHaveLength(count);
      expect(await world.versions()).toBe('2 2');
    });
  });

  describe('suspended processes', () => {
    it.each(['Launch', 'Terminate'])('%s keeps a refresh from replacing anything', async (process) => {
      await world.call('SuspendProcesses', { ...shop, ScalingProcesses: [process] });
      await world.startRefresh(launchFirst);
      await world.advance(600, 5);
      expect(await world.versions()).toBe('1 1');
      expect((await world.refresh()).StatusReason).toContain(process);
      await world.until(['Failed'], 3200, 5);
    });

    it('InstanceRefresh pauses without cancelling', async () => {
      await world.call('SuspendProcesses', { ...shop, ScalingProcesses: ['InstanceRefresh'] });
      await world.startRefresh(launchFirst);
      await world.advance(8000, 10);
      expect((await world.refresh()).Status).toBe('InProgress');
      expect(await world.versions()).toBe('1 1');
      await world.call('ResumeProcesses', { ...shop, ScalingProcesses: ['InstanceRefresh'] });
      await world.until(['Successful']);
    });
  });
});
