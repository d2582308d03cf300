import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { targetGroup, template } from '../../helpers/fleet.ts';
import { failure, groups, minimal, shop, FleetApi } from '../../helpers/fleet-api.ts';

const api = new FleetApi();
let client: AutoScalingClient;
beforeAll(() => {
  client = api.client();
});

describe('a group', () => {
  it('reads back as it was made, with the defaults of AWS for the rest', async () => {
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    const [group] = await groups(client);
    expect(group).toMatchObject({
      ...shop,
      LaunchTemplate: { LaunchTemplateId: template, LaunchTemplateName: 'shop', Version: '1' },
      ...{ MinSize: 0, MaxSize: 2, DesiredCapacity: 0, DefaultCooldown: 300, HealthCheckType: 'EC2' },
      ...{ HealthCheckGracePeriod: 0, AvailabilityZones: ['eu-north-1a'], TerminationPolicies: ['Default'] },
      ...{ NewInstancesProtectedFromScaleIn: false, Instances: [], Tags: [], TargetGroupARNs: [] },
      ServiceLinkedRoleARN: expect.stringMatching(/AWSServiceRoleForAutoScaling$/),
      CreatedTime: expect.any(Date),
    });
    expect(group?.AutoScalingGroupARN).toMatch(
      /^arn:aws:autoscaling:eu-north-1:123456789012:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/shop$/,
    );
    expect(group?.DefaultInstanceWarmup).toBeUndefined();
    expect(group?.InstanceMaintenancePolicy).toBeUndefined();
    expect(group?.WarmPoolConfiguration).toBeUndefined();
  });

  const whole = {
    MinSize: 1,
    MaxSize: 6,
    DesiredCapacity: 2,
    DefaultCooldown: 120,
    DefaultInstanceWarmup: 0,
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 90,
    VPCZoneIdentifier: 'subnet-a,subnet-b',
    TerminationPolicies: ['OldestLaunchTemplate', 'Default'],
    NewInstancesProtectedFromScaleIn: true,
    MaxInstanceLifetime: 2_592_000,
    CapacityRebalance: true,
    InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
  };

  it('keeps everything that Terraform sets on it', async () => {
    const tags = [{ Key: 'Name', Value: 'shop', PropagateAtLaunch: true }];
    await client.send(
      new CreateAutoScalingGroupCommand({
        ...{ ...shop, ...whole, Tags: tags, TargetGroupARNs: [targetGroup] },
        LaunchTemplate: { LaunchTemplateName: 'shop', Version: '$Latest' },
      }),
    );
    const [group] = await groups(client);
    expect(group).toMatchObject({
      ...whole,
      LaunchTemplate: { LaunchTemplateId: template, LaunchTemplateName: 'shop', Version: '$Latest' },
      AvailabilityZones: ['eu-north-1a', 'eu-north-1b'],
      TargetGroupARNs: [targetGroup],
      TrafficSources: [{ Identifier: targetGroup, Type: 'elbv2' }],
      Tags: [{ ...tags[0], ResourceId: 'shop', ResourceType: 'auto-scaling-group' }],
    });
  });

  it('is changed in what an update says, and in nothing else', async () => {
    await client.send(
      new CreateAutoScalingGroupCommand({ ...minimal, ...whole, AvailabilityZones: undefined }),
    );
    await client.send(
      new UpdateAutoScalingGroupCommand({
        ...shop,
        ...{ MinSize: 3, DefaultInstanceWarmup: -1, MaxInstanceLifetime: 0 },
        InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 },
      }),
    );
    const [group] = await groups(client);
    expect(group).toMatchObject({ MinSize: 3, DesiredCapacity: 3, HealthCheckGracePeriod: 90 });
    expect(group?.DefaultInstanceWarmup).toBeUndefined();
    expect(group?.MaxInstanceLifetime).toBeUndefined();
    expect(group?.InstanceMaintenancePolicy).toBeUndefined();
  });

  it('may have a mixed instances policy, which is given back with its defaults', async () => {
    const policy = {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: template, Version: '2' },
        Overrides: [{ InstanceType: 't3.large' }, { InstanceType: 't3a.large' }],
      },
      InstancesDistribution: { OnDemandBaseCapacity: 1, SpotAllocationStrategy: 'price-capacity-optimized' },
    };
    await client.send(
      new CreateAutoScalingGroupCommand({
        ...{ ...minimal, LaunchTemplate: undefined, MixedInstancesPolicy: policy, DesiredCapacity: 1 },
      }),
    );
    await api.world.advance(5);
    const [group] = await groups(client);
    expect(group?.LaunchTemplate).toBeUndefined();
    expect(group?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: policy.LaunchTemplate,
      InstancesDistribution: {
        ...policy.InstancesDistribution,
        OnDemandPercentageAboveBaseCapacity: 100,
        OnDemandAllocationStrategy: 'prioritized',
      },
    });
    expect(group?.Instances?.[0]).toMatchObject({
      InstanceType: 't3.large',
      LaunchTemplate: { Version: '2' },
    });
  });

  it.each<[string, Partial<CreateAutoScalingGroupCommandInput>, string]>([
    ['min above max', { MinSize: 3 }, 'Max bound, 2, must be greater than or equal to min bound, 3'],
    [
      'desired above max',
      { DesiredCapacity: 5 },
      'Desired capacity:5 must be between the specified min size:0 and max size:2',
    ],
    ['no zone', { AvailabilityZones: [] }, 'At least one Availability Zone or VPC Subnet is required.'],
    [
      'no template',
      { LaunchTemplate: undefined },
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or ' +
        'MixedInstancesPolicy parameter.',
    ],
    [
      'a template version that is not there',
      { LaunchTemplate: { LaunchTemplateId: template, Version: '99' } },
      'You must use a valid fully-formed launch template. Could not find the specified version 99 for the launch ' +
        `template with ID ${template}.`,
    ],
    [
      'a target group that is not there',
      { TargetGroupARNs: [`${targetGroup}missing`] },
      'Provided Target Groups may not be valid. Please ensure they exist and try again.',
    ],
    [
      'numbers out of range',
      { MinSize: -1, HealthCheckGracePeriod: -2 },
      "2 validation errors detected: Value '-1' at 'minSize' failed to satisfy constraint: Member must have value " +
        "greater than or equal to 0; Value '-2' at 'healthCheckGracePeriod' failed to satisfy constraint: Member " +
        'must have value greater than or equal to 0',
    ],
  ])('is refused with %s, and not made', async (_name, more, message) => {
    expect(await failure(client.send(new CreateAutoScalingGroupCommand({ ...minimal, ...more })))).toEqual([
      `ValidationError: ${message}`,
      400,
    ]);
    expect(await groups(client)).toEqual([]);
  });

  it('is made once', async () => {
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    expect((await failure(client.send(new CreateAutoScalingGroupCommand(minimal))))[0]).toBe(
      'AlreadyExistsFault: AutoScalingGroup by this name already exists - A group with the name shop already exists',
    );
  });

  it('goes at once when it is empty, and else only by force, with its instances', async () => {
    await client.send(new CreateAutoScalingGroupCommand({ ...minimal, DesiredCapacity: 1 }));
    await api.world.advance(60);
    expect((await failure(client.send(new DeleteAutoScalingGroupCommand(shop))))[0]).toBe(
      'ResourceInUseFault: You cannot delete an AutoScalingGroup while there are instances or pending Spot instance ' +
        'request(s) still in the group.',
    );
    await client.send(new DeleteAutoScalingGroupCommand({ ...shop, ForceDelete: true }));
    await api.world.advance(1);
    expect((await groups(client))[0]).toMatchObject({ Status: 'Delete in progress' });
    await api.world.advance(400, 5);
    expect(await groups(client)).toEqual([]);
    const { Activities } = await client.send(
      new DescribeScalingActivitiesCommand({ ...shop, IncludeDeletedGroups: true }),
    );
    expect(Activities?.every(({ AutoScalingGroupState }) => AutoScalingGroupState === 'Deleted')).toBe(true);
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    await client.send(new DeleteAutoScalingGroupCommand(shop));
    expect(await groups(client)).toEqual([]);
  });

  it.each([
    ['none', false, true],
    ['none', true, true],
    ['prevent-force-deletion', false, true],
    ['prevent-force-deletion', true, false],
    ['prevent-all-deletion', false, false],
    ['prevent-all-deletion', true, false],
  ] as const)(
    'with deletion protection %s, by force: %s, goes: %s',
    async (DeletionProtection, ForceDelete, goes) => {
      await client.send(new CreateAutoScalingGroupCommand({ ...minimal, DeletionProtection }));
      expect((await groups(client))[0]?.DeletionProtection).toBe(DeletionProtection);
      const deletion = client.send(new DeleteAutoScalingGroupCommand({ ...shop, ForceDelete }));
      if (goes) {
        await deletion;
        return;
      }
      await expect(deletion).rejects.toThrow(`deletion protection ${DeletionProtection}`);
      await client.send(new UpdateAutoScalingGroupCommand({ ...shop, DeletionProtection: 'none' }));
      await client.send(new DeleteAutoScalingGroupCommand({ ...shop, ForceDelete }));
    },
  );

  it('that is not there is a ValidationError that says "not found"', async () => {
    expect(await failure(client.send(new DeleteAutoScalingGroupCommand(shop)))).toEqual([
      "ValidationError: AutoScalingGroup name not found - AutoScalingGroup 'shop' not found",
      400,
    ]);
    expect(await groups(client)).toEqual([]);
  });

  it('is found by tags, page by page', async () => {
    for (const name of ['a', 'b', 'c']) {
      const Tags = [{ Key: 'team', Value: name === 'b' ? 'red' : 'blue' }];
      await client.send(new CreateAutoScalingGroupCommand({ ...minimal, AutoScalingGroupName: name, Tags }));
    }
    const blue = { Filters: [{ Name: 'tag:team', Values: ['blue'] }], MaxRecords: 1 };
    const first = await client.send(new DescribeAutoScalingGroupsCommand(blue));
    expect(first.AutoScalingGroups?.map((group) => group.AutoScalingGroupName)).toEqual(['a']);
    const second = await client.send(
      new DescribeAutoScalingGroupsCommand({ ...blue, NextToken: first.NextToken }),
    );
    expect(second.AutoScalingGroups?.map((group) => group.AutoScalingGroupName)).toEqual(['c']);
    expect(second.NextToken).toBeUndefined();
    expect(
      (await failure(client.send(new DescribeAutoScalingGroupsCommand({ NextToken: 'nonsense' }))))[0],
    ).toBe("InvalidNextToken: The token 'nonsense' is invalid.");
  });
});
