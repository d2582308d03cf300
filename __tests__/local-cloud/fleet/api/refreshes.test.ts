import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeInstanceRefreshesCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { template } from '../../helpers/fleet.ts';
import { failure, shop, FleetApi } from '../../helpers/fleet-api.ts';

const api = new FleetApi();
let client: AutoScalingClient;
beforeAll(() => {
  client = api.client();
});

describe('refreshes', () => {
  const desired = { LaunchTemplate: { LaunchTemplateId: template, Version: '2' } };

  it('echo preferences and desired configuration, by id, newest first', async () => {
    await api.world.settledGroup(1);
    const Preferences = {
      ...{ MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 5, SkipMatching: true },
      ...{ CheckpointPercentages: [50, 100], CheckpointDelay: 60, BakeTime: 30, AutoRollback: true },
      ScaleInProtectedInstances: 'Ignore' as const,
      StandbyInstances: 'Terminate' as const,
    };
    const { InstanceRefreshId } = await client.send(
      new StartInstanceRefreshCommand({ ...shop, DesiredConfiguration: desired, Preferences }),
    );
    await api.world.until(['Successful']);
    await api.world.startRefresh({}, '3');
    await api.world.advance(1);
    const all = await client.send(new DescribeInstanceRefreshesCommand(shop));
    expect(all.InstanceRefreshes?.map(({ Status }) => Status)).toEqual(['InProgress', 'Successful']);
    const one = await client.send(
      new DescribeInstanceRefreshesCommand({ ...shop, InstanceRefreshIds: [InstanceRefreshId ?? ''] }),
    );
    expect(one.InstanceRefreshes).toHaveLength(1);
    expect(one.InstanceRefreshes?.[0]).toMatchObject({
      ...{ InstanceRefreshId, Preferences, Strategy: 'Rolling', PercentageComplete: 100 },
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: template, Version: '2' } },
      StartTime: expect.any(Date),
      EndTime: expect.any(Date),
    });
  });

  it('leave MaxHealthyPercentage out when it was left out', async () => {
    await api.world.settledGroup(1);
    await api.world.startRefresh({ MinHealthyPercentage: 50 });
    const { InstanceRefreshes } = await client.send(new DescribeInstanceRefreshesCommand(shop));
    expect(Object.keys(InstanceRefreshes?.[0]?.Preferences ?? {})).not.toContain('MaxHealthyPercentage');
  });

  it('have the errors that the SDK knows by name', async () => {
    await api.world.settledGroup(1);
    expect((await failure(client.send(new CancelInstanceRefreshCommand(shop))))[0]).toMatch(
      /^ActiveInstanceRefreshNotFoundFault: /,
    );
    expect((await failure(client.send(new RollbackInstanceRefreshCommand(shop))))[0]).toMatch(
      /^ActiveInstanceRefreshNotFoundFault: /,
    );
    await client.send(new StartInstanceRefreshCommand(shop));
    expect((await failure(client.send(new StartInstanceRefreshCommand(shop))))[0]).toMatch(
      /^InstanceRefreshInProgressFault: /,
    );
    expect((await failure(client.send(new RollbackInstanceRefreshCommand(shop))))[0]).toMatch(
      /^IrreversibleInstanceRefreshFault: /,
    );
    expect(await client.send(new CancelInstanceRefreshCommand(shop))).toMatchObject({
      InstanceRefreshId: expect.any(String),
    });
  });

  it.each<[object, RegExp]>([
    [
      { ScaleInProtectedInstances: '', StandbyInstances: '' },
      /^ValidationError: 2 validation errors detected: Value '' at 'preferences.scaleInProtectedInstances' failed to satisfy constraint: Member must satisfy enum value set: \[Refresh, Ignore, Wait\]; Value '' at 'preferences.standbyInstances'/,
    ],
    [{ MinHealthyPercentage: 101 }, /'preferences.minHealthyPercentage'.*less than or equal to 100$/],
    [{ MinHealthyPercentage: 50, MaxHealthyPercentage: 99 }, /'preferences.maxHealthyPercentage'/],
    [{ MaxHealthyPercentage: 150 }, /requires MinHealthyPercentage/],
    [{ MinHealthyPercentage: 50, MaxHealthyPercentage: 151 }, /cannot be greater than 100/],
    [{ CheckpointPercentages: [50, 20] }, /ascending order/],
    [
      { CheckpointPercentages: [0, 20] },
      /at 'preferences.checkpointPercentages' failed to satisfy constraint: Member must satisfy constraint: \[Member must have value less/,
    ],
    [{ CheckpointDelay: 5 }, /requires CheckpointPercentages/],
    [{ BakeTime: 172_801 }, /'preferences.bakeTime'/],
  ])('refuse %j', async (preferences, message) => {
    await api.world.settledGroup(1);
    const sent = client.send(new StartInstanceRefreshCommand({ ...shop, Preferences: preferences }));
    expect((await failure(sent))[0]).toMatch(message);
    expect((await client.send(new DescribeInstanceRefreshesCommand(shop))).InstanceRefreshes).toEqual([]);
  });

  it('use the instance maintenance policy where the preferences say nothing', async () => {
    const policy = { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 };
    await api.world.settledGroup(1, { InstanceMaintenancePolicy: policy });
    await client.send(new StartInstanceRefreshCommand(shop));
    expect((await api.world.refresh()).Preferences).toMatchObject(policy);
  });
});
