import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AutoScalingClient,
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeletePolicyCommand,
  DeleteTagsCommand,
  DescribeAccountLimitsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribeNotificationConfigurationsCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  DescribeScheduledActionsCommand,
  DescribeTagsCommand,
  DescribeTrafficSourcesCommand,
  DescribeWarmPoolCommand,
  DetachLoadBalancerTargetGroupsCommand,
  DetachTrafficSourcesCommand,
  DisableMetricsCollectionCommand,
  EnableMetricsCollectionCommand,
  ExecutePolicyCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  PutWarmPoolCommand,
  ResumeProcessesCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CallLog } from '../../../local-cloud/gateway/calls.ts';
import { Faults } from '../../../local-cloud/gateway/faults.ts';
import { createUpstream } from '../../../local-cloud/gateway/forward.ts';
import { type Gateway, startGateway } from '../../../local-cloud/gateway/server.ts';
import { World, targetGroup, template } from '../helpers/fleet.ts';

/** The AWS SDK against the real gateway: what it sends is understood, what is answered it can read. */
let world: World;
let gateway: Gateway;
let client: AutoScalingClient;

beforeAll(async () => {
  gateway = await startGateway({
    ...{ port: 0, region: 'eu-north-1', accountId: '123456789012', upstream: createUpstream(9) },
    routes: () => ({ services: { autoscaling: world.simulated.fleet.service }, filters: [] }),
    control: () => Promise.resolve({ status: 404, headers: {}, body: '' }),
    ...{ calls: new CallLog(), faults: new Faults(), log: () => undefined },
  });
  client = new AutoScalingClient({
    endpoint: `http://127.0.0.1:${gateway.port}`,
    region: 'eu-north-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local-cloud' },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  await gateway.close();
});

beforeEach(() => {
  world = new World();
});

const shop = { AutoScalingGroupName: 'shop' };
const minimal: CreateAutoScalingGroupCommandInput = {
  ...shop,
  MinSize: 0,
  MaxSize: 2,
  LaunchTemplate: { LaunchTemplateId: template, Version: '1' },
  AvailabilityZones: ['eu-north-1a'],
};

const groups = async () =>
  (await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['shop'] })))
    .AutoScalingGroups ?? [];

/** `name: message` of the error, and its HTTP status. */
async function failure(sending: Promise<unknown>): Promise<[string, number | undefined]> {
  try {
    await sending;
  } catch (error) {
    if (error instanceof Error) {
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      return [`${error.name}: ${error.message}`, $metadata?.httpStatusCode];
    }
  }
  throw new Error('it did not fail');
}

describe('a group', () => {
  it('reads back as it was made, with the defaults of AWS for the rest', async () => {
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    const [group] = await groups();
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
    const [group] = await groups();
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
    const [group] = await groups();
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
    await world.advance(5);
    const [group] = await groups();
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
    expect(await groups()).toEqual([]);
  });

  it('is made once', async () => {
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    expect((await failure(client.send(new CreateAutoScalingGroupCommand(minimal))))[0]).toBe(
      'AlreadyExistsFault: AutoScalingGroup by this name already exists - A group with the name shop already exists',
    );
  });

  it('goes at once when it is empty, and else only by force, with its instances', async () => {
    await client.send(new CreateAutoScalingGroupCommand({ ...minimal, DesiredCapacity: 1 }));
    await world.advance(60);
    expect((await failure(client.send(new DeleteAutoScalingGroupCommand(shop))))[0]).toBe(
      'ResourceInUseFault: You cannot delete an AutoScalingGroup while there are instances or pending Spot instance ' +
        'request(s) still in the group.',
    );
    await client.send(new DeleteAutoScalingGroupCommand({ ...shop, ForceDelete: true }));
    await world.advance(1);
    expect((await groups())[0]).toMatchObject({ Status: 'Delete in progress' });
    await world.advance(400, 5);
    expect(await groups()).toEqual([]);
    const { Activities } = await client.send(
      new DescribeScalingActivitiesCommand({ ...shop, IncludeDeletedGroups: true }),
    );
    expect(Activities?.every(({ AutoScalingGroupState }) => AutoScalingGroupState === 'Deleted')).toBe(true);
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    await client.send(new DeleteAutoScalingGroupCommand(shop));
    expect(await groups()).toEqual([]);
  });

  it('that is not there is a ValidationError that says "not found"', async () => {
    expect(await failure(client.send(new DeleteAutoScalingGroupCommand(shop)))).toEqual([
      "ValidationError: AutoScalingGroup name not found - AutoScalingGroup 'shop' not found",
      400,
    ]);
    expect(await groups()).toEqual([]);
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

describe('another region', () => {
  it('has none of the groups, and no launch template to make one of', async () => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local-cloud' };
    const endpoint = `http://127.0.0.1:${gateway.port}`;
    const elsewhere = new AutoScalingClient({ endpoint, region: 'us-east-1', credentials });
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    try {
      const { AutoScalingGroups } = await elsewhere.send(new DescribeAutoScalingGroupsCommand({}));
      expect(AutoScalingGroups).toEqual([]);
      const [start] = await failure(elsewhere.send(new StartInstanceRefreshCommand(shop)));
      expect(start).toMatch(/^ValidationError: AutoScalingGroup name not found/);
      const [made] = await failure(elsewhere.send(new CreateAutoScalingGroupCommand(minimal)));
      expect(made).toMatch(/^ValidationError: You must use a valid fully-formed launch template.*us-east-1/);
      expect(await groups()).toHaveLength(1);
    } finally {
      elsewhere.destroy();
    }
  });
});

describe('refreshes', () => {
  const desired = { LaunchTemplate: { LaunchTemplateId: template, Version: '2' } };

  it('echo preferences and desired configuration, by id, newest first', async () => {
    await world.settledGroup(1);
    const Preferences = {
      ...{ MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 5, SkipMatching: true },
      ...{ CheckpointPercentages: [50, 100], CheckpointDelay: 60, BakeTime: 30, AutoRollback: true },
      ScaleInProtectedInstances: 'Ignore' as const,
      StandbyInstances: 'Terminate' as const,
    };
    const { InstanceRefreshId } = await client.send(
      new StartInstanceRefreshCommand({ ...shop, DesiredConfiguration: desired, Preferences }),
    );
    await world.until(['Successful']);
    await world.startRefresh({}, '3');
    await world.advance(1);
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
    await world.settledGroup(1);
    await world.startRefresh({ MinHealthyPercentage: 50 });
    const { InstanceRefreshes } = await client.send(new DescribeInstanceRefreshesCommand(shop));
    expect(Object.keys(InstanceRefreshes?.[0]?.Preferences ?? {})).not.toContain('MaxHealthyPercentage');
  });

  it('have the errors that the SDK knows by name', async () => {
    await world.settledGroup(1);
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
      /^ValidationError: 2 validation errors detected: Value '' at 'preferences.scaleInProtectedInstances' failed to satisfy constraint: Member must satisfy enum value set: \[Ignore, Wait, Refresh\]; Value '' at 'preferences.standbyInstances'/,
    ],
    [{ MinHealthyPercentage: 101 }, /'preferences.minHealthyPercentage'.*less than or equal to 100$/],
    [{ MinHealthyPercentage: 50, MaxHealthyPercentage: 99 }, /'preferences.maxHealthyPercentage'/],
    [{ MaxHealthyPercentage: 150 }, /requires MinHealthyPercentage/],
    [{ MinHealthyPercentage: 50, MaxHealthyPercentage: 151 }, /cannot be greater than 100/],
    [{ CheckpointPercentages: [50, 20] }, /ascending order/],
    [{ CheckpointPercentages: [0, 20] }, /from 1 to 100/],
    [{ CheckpointDelay: 5 }, /requires CheckpointPercentages/],
    [{ BakeTime: 172_801 }, /'preferences.bakeTime'/],
  ])('refuse %j', async (preferences, message) => {
    await world.settledGroup(1);
    const sent = client.send(new StartInstanceRefreshCommand({ ...shop, Preferences: preferences }));
    expect((await failure(sent))[0]).toMatch(message);
    expect((await client.send(new DescribeInstanceRefreshesCommand(shop))).InstanceRefreshes).toEqual([]);
  });

  it('use the instance maintenance policy where the preferences say nothing', async () => {
    const policy = { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 };
    await world.settledGroup(1, { InstanceMaintenancePolicy: policy });
    await client.send(new StartInstanceRefreshCommand(shop));
    expect((await world.refresh()).Preferences).toMatchObject(policy);
  });
});

describe('the rest of the API', () => {
  beforeEach(() => world.settledGroup(2));

  it('lists instances of all groups', async () => {
    const { AutoScalingInstances } = await client.send(new DescribeAutoScalingInstancesCommand({}));
    expect(AutoScalingInstances).toHaveLength(2);
    expect(AutoScalingInstances?.[0]).toMatchObject({
      ...{ ...shop, LifecycleState: 'InService', HealthStatus: 'HEALTHY', InstanceType: 't3.small' },
      LaunchTemplate: { Version: '1' },
    });
  });

  it('pages and filters activities', async () => {
    const first = await client.send(new DescribeScalingActivitiesCommand({ ...shop, MaxRecords: 1 }));
    expect(first.Activities).toHaveLength(1);
    const rest = await client.send(
      new DescribeScalingActivitiesCommand({ ...shop, NextToken: first.NextToken }),
    );
    expect(rest.Activities).toHaveLength(1);
    const filtered = async (Name: string, value: string): Promise<number | undefined> =>
      (
        await client.send(
          new DescribeScalingActivitiesCommand({ ...shop, Filters: [{ Name, Values: [value] }] }),
        )
      ).Activities?.length;
    expect(await filtered('Status', 'Failed')).toBe(0);
    expect(await filtered('Status', 'Successful')).toBe(2);
    expect(await filtered('StartTimeLowerBound', '2026-01-01T00:01:00Z')).toBe(0);
    expect(await filtered('StartTimeUpperBound', '2026-01-01T00:01:00Z')).toBe(2);
  });

  it('keeps tags', async () => {
    const tag = { ResourceId: 'shop', ResourceType: 'auto-scaling-group', Key: 'team' };
    await client.send(
      new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value: 'red', PropagateAtLaunch: true }] }),
    );
    const Filters = [{ Name: 'key', Values: ['team'] }];
    expect((await client.send(new DescribeTagsCommand({ Filters }))).Tags).toEqual([
      { ...tag, Value: 'red', PropagateAtLaunch: true },
    ]);
    await client.send(new DeleteTagsCommand({ Tags: [tag] }));
    expect((await client.send(new DescribeTagsCommand({ Filters }))).Tags).toEqual([]);
  });

  it('keeps scaling policies, and executes simple ones', async () => {
    const put = await client.send(
      new PutScalingPolicyCommand({
        ...{ ...shop, PolicyName: 'cpu', PolicyType: 'TargetTrackingScaling' },
        TargetTrackingConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
          TargetValue: 60,
        },
      }),
    );
    expect(put.PolicyARN).toMatch(/:scalingPolicy:[0-9a-f-]{36}:autoScalingGroupName\/shop:policyName\/cpu$/);
    await client.send(
      new PutScalingPolicyCommand({
        ...{ ...shop, PolicyName: 'out', AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 },
      }),
    );
    const { ScalingPolicies } = await client.send(new DescribePoliciesCommand(shop));
    expect(ScalingPolicies).toMatchObject([
      {
        ...{ PolicyName: 'cpu', Enabled: true, Alarms: [], PolicyARN: put.PolicyARN },
        TargetTrackingConfiguration: { TargetValue: 60, DisableScaleIn: false },
      },
      { PolicyName: 'out', PolicyType: 'SimpleScaling', ScalingAdjustment: 1 },
    ]);
    await client.send(new ExecutePolicyCommand({ ...shop, PolicyName: 'out' }));
    expect((await world.group()).DesiredCapacity).toBe(3);
    await client.send(new DeletePolicyCommand({ ...shop, PolicyName: 'cpu' }));
    expect((await client.send(new DescribePoliciesCommand(shop))).ScalingPolicies).toHaveLength(1);
    expect((await failure(client.send(new DeletePolicyCommand({ ...shop, PolicyName: 'cpu' }))))[0]).toMatch(
      /not found/,
    );
  });

  it('keeps lifecycle hooks with their defaults', async () => {
    await client.send(
      new PutLifecycleHookCommand({
        ...{ ...shop, LifecycleHookName: 'boot', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
      }),
    );
    expect((await client.send(new DescribeLifecycleHooksCommand(shop))).LifecycleHooks).toEqual([
      {
        ...{ ...shop, LifecycleHookName: 'boot', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
        ...{ HeartbeatTimeout: 3600, GlobalTimeout: 172_800, DefaultResult: 'ABANDON' },
      },
    ]);
  });

  it('suspends and resumes processes, and collects metrics', async () => {
    await client.send(new SuspendProcessesCommand({ ...shop, ScalingProcesses: ['Launch', 'Terminate'] }));
    await client.send(new ResumeProcessesCommand({ ...shop, ScalingProcesses: ['Launch'] }));
    await client.send(new EnableMetricsCollectionCommand({ ...shop, Granularity: '1Minute' }));
    await client.send(new DisableMetricsCollectionCommand({ ...shop, Metrics: ['GroupMinSize'] }));
    const [group] = await groups();
    expect(group?.SuspendedProcesses).toEqual([
      { ProcessName: 'Terminate', SuspensionReason: 'User suspended at 2026-01-01T00:03:00Z' },
    ]);
    const metrics = group?.EnabledMetrics?.map(({ Metric }) => Metric) ?? [];
    expect(metrics).toContain('GroupInServiceInstances');
    expect(metrics).not.toContain('GroupMinSize');
    expect(
      (await failure(client.send(new SuspendProcessesCommand({ ...shop, ScalingProcesses: ['Lunch'] }))))[0],
    ).toMatch(/^ValidationError: Lunch/);
  });

  it('attaches and detaches target groups and traffic sources', async () => {
    const other = `${targetGroup}2`;
    const attached = async (): Promise<(string | undefined)[][]> => [
      (
        (await client.send(new DescribeLoadBalancerTargetGroupsCommand(shop))).LoadBalancerTargetGroups ?? []
      ).map(({ LoadBalancerTargetGroupARN, State }) => `${LoadBalancerTargetGroupARN ?? ''} ${State ?? ''}`),
      ((await client.send(new DescribeTrafficSourcesCommand(shop))).TrafficSources ?? []).map(
        ({ Identifier, Type }) => `${Identifier ?? ''} ${Type ?? ''}`,
      ),
    ];
    await client.send(new AttachLoadBalancerTargetGroupsCommand({ ...shop, TargetGroupARNs: [other] }));
    expect(await attached()).toEqual([
      [`${targetGroup} InService`, `${other} Added`],
      [`${targetGroup} elbv2`, `${other} elbv2`],
    ]);
    expect(world.simulated.simulation.targetGroups.health(other)).toHaveLength(2);
    await client.send(new DetachLoadBalancerTargetGroupsCommand({ ...shop, TargetGroupARNs: [other] }));
    expect(world.simulated.simulation.targetGroups.health(other).map(({ state }) => state)).toEqual([
      'draining',
      'draining',
    ]);
    const source = { Identifier: `${targetGroup}3`, Type: 'elbv2' };
    await client.send(new AttachTrafficSourcesCommand({ ...shop, TrafficSources: [source] }));
    expect((await attached())[1]).toContain(`${source.Identifier} elbv2`);
    await client.send(new DetachTrafficSourcesCommand({ ...shop, TrafficSources: [source] }));
    expect(await attached()).toEqual([[`${targetGroup} InService`], [`${targetGroup} elbv2`]]);
  });

  it('has no warm pool, notifications or schedules, and says so', async () => {
    expect(await client.send(new DescribeWarmPoolCommand(shop))).toMatchObject({ Instances: [] });
    expect((await client.send(new DescribeWarmPoolCommand(shop))).WarmPoolConfiguration).toBeUndefined();
    expect(await client.send(new DescribeNotificationConfigurationsCommand({}))).toMatchObject({
      NotificationConfigurations: [],
    });
    expect(await client.send(new DescribeScheduledActionsCommand(shop))).toMatchObject({
      ScheduledUpdateGroupActions: [],
    });
    expect(await client.send(new DescribeAccountLimitsCommand({}))).toMatchObject({
      NumberOfAutoScalingGroups: 1,
    });
  });

  it('refuses what it does not have as AWS refuses what it does not know', async () => {
    const [said, status] = await failure(client.send(new PutWarmPoolCommand(shop)));
    expect(said).not.toMatch(/XML|Deserialization/);
    expect(status).toBeGreaterThanOrEqual(400);
  });
});
