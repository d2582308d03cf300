import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AttachLoadBalancerTargetGroupsCommand,
  AttachTrafficSourcesCommand,
  type AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeletePolicyCommand,
  DeleteTagsCommand,
  DescribeAccountLimitsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribeNotificationConfigurationsCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  BatchDeleteScheduledActionCommand,
  BatchPutScheduledUpdateGroupActionCommand,
  DeleteScheduledActionCommand,
  DescribeScheduledActionsCommand,
  PutScheduledUpdateGroupActionCommand,
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
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { targetGroup } from '../../helpers/fleet.ts';
import { failure, groups, minimal, shop, FleetApi } from '../../helpers/fleet-api.ts';

const api = new FleetApi();
let client: AutoScalingClient;
beforeAll(() => {
  client = api.client();
});

describe('another region', () => {
  it('has none of the groups, and no launch template to make one of', async () => {
    const elsewhere = api.client('us-east-1');
    await client.send(new CreateAutoScalingGroupCommand(minimal));
    const { AutoScalingGroups } = await elsewhere.send(new DescribeAutoScalingGroupsCommand({}));
    expect(AutoScalingGroups).toEqual([]);
    const [start] = await failure(elsewhere.send(new StartInstanceRefreshCommand(shop)));
    expect(start).toMatch(/^ValidationError: AutoScalingGroup name not found/);
    const [made] = await failure(elsewhere.send(new CreateAutoScalingGroupCommand(minimal)));
    expect(made).toMatch(/^ValidationError: You must use a valid fully-formed launch template.*us-east-1/);
    expect(await groups(client)).toHaveLength(1);
  });
});

describe('the rest of the API', () => {
  beforeEach(() => api.world.settledGroup(2));

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
    expect((await api.world.group()).DesiredCapacity).toBe(3);
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
    const [group] = await groups(client);
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
    expect(api.world.simulated.simulation.targetGroups.health(other)).toHaveLength(2);
    await client.send(new DetachLoadBalancerTargetGroupsCommand({ ...shop, TargetGroupARNs: [other] }));
    expect(api.world.simulated.simulation.targetGroups.health(other).map(({ state }) => state)).toEqual([
      'draining',
      'draining',
    ]);
    const source = { Identifier: `${targetGroup}3`, Type: 'elbv2' };
    await client.send(new AttachTrafficSourcesCommand({ ...shop, TrafficSources: [source] }));
    expect((await attached())[1]).toContain(`${source.Identifier} elbv2`);
    await client.send(new DetachTrafficSourcesCommand({ ...shop, TrafficSources: [source] }));
    expect(await attached()).toEqual([[`${targetGroup} InService`], [`${targetGroup} elbv2`]]);
  });

  it('takes, shows and drops scheduled actions', async () => {
    const night = { ScheduledActionName: 'night', Recurrence: '0 22 * * *', DesiredCapacity: 1 };
    await client.send(new PutScheduledUpdateGroupActionCommand({ ...shop, ...night }));
    const day = { ScheduledActionName: 'day', StartTime: new Date('2040-01-01T06:00:00Z'), MinSize: 2 };
    const both = { ...shop, ScheduledUpdateGroupActions: [day, { ScheduledActionName: 'bad' }] };
    expect(await client.send(new BatchPutScheduledUpdateGroupActionCommand(both))).toMatchObject({
      FailedScheduledUpdateGroupActions: [{ ScheduledActionName: 'bad', ErrorCode: 'ValidationError' }],
    });
    expect(await client.send(new DescribeScheduledActionsCommand(shop))).toMatchObject({
      ScheduledUpdateGroupActions: [{ ...night, StartTime: expect.any(Date) }, day],
    });
    await client.send(new DeleteScheduledActionCommand({ ...shop, ScheduledActionName: 'night' }));
    const names = { ...shop, ScheduledActionNames: ['day', 'night'] };
    expect(await client.send(new BatchDeleteScheduledActionCommand(names))).toMatchObject({
      FailedScheduledActions: [{ ScheduledActionName: 'night' }],
    });
    expect(await client.send(new DescribeScheduledActionsCommand({}))).toMatchObject({
      ScheduledUpdateGroupActions: [],
    });
  });

  it('has no warm pool and no notifications, and says so', async () => {
    expect(await client.send(new DescribeWarmPoolCommand(shop))).toMatchObject({ Instances: [] });
    expect((await client.send(new DescribeWarmPoolCommand(shop))).WarmPoolConfiguration).toBeUndefined();
    expect(await client.send(new DescribeNotificationConfigurationsCommand({}))).toMatchObject({
      NotificationConfigurations: [],
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
