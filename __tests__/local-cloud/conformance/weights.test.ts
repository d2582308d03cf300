/** Two groups of instances behind one rule with weights, and the traffic that goes to them, seen by AWS's clients. */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { python, startTestCloud, type TestCloud } from '../helpers/test-cloud.ts';

const suite = python === undefined ? describe.skip : describe;

let cloud: TestCloud;
let autoScaling: AutoScalingClient;
let cloudWatch: CloudWatchClient;
let ec2: EC2Client;
let loadBalancing: ElasticLoadBalancingV2Client;
let ruleArn = '';
let loadBalancerArn = '';
let arns: string[] = [];
let now = 0;

interface Seen {
  requests: number;
  errors: number;
  lost: number;
}

const control = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${cloud.endpoint}/_local${path}`, {
    ...{ method, ...(body && { body: JSON.stringify(body) }) },
  });
  return { status: answer.status, value: (await answer.json()) as never };
};

const traffic = async (): Promise<Seen & { versions: Record<string, Seen> }> =>
  (await control('GET', '/traffic')).value;

async function advance(seconds: number): Promise<void> {
  now = ((await control('POST', '/clock', { advance: seconds })).value as { now: number }).now;
}

const weigh = (...weights: number[]) =>
  loadBalancing.send(
    new ModifyRuleCommand({
      RuleArn: ruleArn,
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: weighted(...weights) } }],
    }),
  );

const weighted = (...weights: number[]) =>
  weights.map((Weight, index) => ({ TargetGroupArn: arns[index], Weight }));

async function readWeights(): Promise<(number | undefined)[] | undefined> {
  const { Rules } = await loadBalancing.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
  return Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight);
}

async function states(arn: string | undefined): Promise<(string | undefined)[]> {
  const { TargetHealthDescriptions = [] } = await loadBalancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
  );
  return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State);
}

const suffix = (arn = '') => arn.replace(/^.*?:(?:loadbalancer\/)?((?:app|targetgroup)\/)/, '$1');

/** Several metrics of both target groups in one call, over the last whole minutes. */
async function metrics(minutes: number, ...stats: [name: string, stat: string][]): Promise<number[][][]> {
  const EndTime = new Date(Math.floor(now / 60_000) * 60_000);
  const MetricDataQueries: MetricDataQuery[] = arns.flatMap((arn, group) =>
    stats.map(([MetricName, Stat], index) => ({
      Id: `m${group}_${index}`,
      MetricStat: {
        ...{ Period: 60, Stat },
        Metric: {
          ...{ Namespace: 'AWS/ApplicationELB', MetricName },
          Dimensions: [
            { Name: 'TargetGroup', Value: suffix(arn) },
            { Name: 'LoadBalancer', Value: suffix(loadBalancerArn) },
          ],
        },
      },
    })),
  );
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      ...{ MetricDataQueries, EndTime, StartTime: new Date(EndTime.getTime() - minutes * 60_000) },
    }),
  );
  return arns.map((_, group) =>
    stats.map((__, index) => MetricDataResults[group * stats.length + index]?.Values ?? []),
  );
}

async function createVersions(): Promise<void> {
  const LaunchTemplateName = 'shop';
  const LaunchTemplateData = { ImageId: 'ami-1', InstanceType: 't3.micro' as const };
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
  await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData }));
}

async function createRule(): Promise<void> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  for (const Name of ['blue', 'green']) {
    const { TargetGroups } = await loadBalancing.send(
      new CreateTargetGroupCommand({
        ...{ Name, Protocol: 'HTTP', Port: 80, VpcId: Subnets[0]?.VpcId, HealthCheckIntervalSeconds: 5 },
      }),
    );
    arns = [...arns, TargetGroups?.[0]?.TargetGroupArn ?? ''];
  }
  const { LoadBalancers } = await loadBalancing.send(
    new CreateLoadBalancerCommand({ Name: 'shop', Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId) }),
  );
  loadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const { Listeners } = await loadBalancing.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn: loadBalancerArn, Protocol: 'HTTP', Port: 80 },
      DefaultActions: [
        { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain' } },
      ],
    }),
  );
  const { Rules } = await loadBalancing.send(
    new CreateRuleCommand({
      ...{ ListenerArn: Listeners?.[0]?.ListenerArn, Priority: 50_000 },
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: weighted(100, 0) } }],
    }),
  );
  ruleArn = Rules?.[0]?.RuleArn ?? '';
}

const createGroup = (name: string, arn: string | undefined, size: number) =>
  autoScaling.send(
    new CreateAutoScalingGroupCommand({
      ...{ AutoScalingGroupName: name, MinSize: size, MaxSize: 8, DesiredCapacity: size },
      ...{ AvailabilityZones: ['eu-north-1a', 'eu-north-1b'], TargetGroupARNs: [arn ?? ''] },
      LaunchTemplate: { LaunchTemplateName: 'shop', Version: '1' },
    }),
  );

const resize = (name: string, size: number, Version: string) =>
  autoScaling.send(
    new UpdateAutoScalingGroupCommand({
      ...{ AutoScalingGroupName: name, MinSize: size, DesiredCapacity: size },
      LaunchTemplate: { LaunchTemplateName: 'shop', Version },
    }),
  );

suite('weights', () => {
  beforeAll(async () => {
    cloud = await startTestCloud({ weightDelay: 10, speed: 0 });
    autoScaling = new AutoScalingClient(cloud.client);
    cloudWatch = new CloudWatchClient(cloud.client);
    ec2 = new EC2Client(cloud.client);
    loadBalancing = new ElasticLoadBalancingV2Client(cloud.client);
    await createVersions();
    await createRule();
    await createGroup('blue', arns[0], 4);
    await createGroup('green', arns[1], 0);
    await advance(120);
  });

  afterAll(async () => {
    for (const client of [autoScaling, cloudWatch, ec2, loadBalancing]) client.destroy();
    await cloud.close();
  });

  it('check the health of targets that have weight 0', async () => {
    await resize('green', 4, '2');
    await advance(120);
    const { AutoScalingGroups = [] } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['green', 'blue'] }),
    );
    expect(
      AutoScalingGroups.map(
        ({ AutoScalingGroupName, MinSize, DesiredCapacity, LaunchTemplate, Instances }) => ({
          ...{ AutoScalingGroupName, MinSize, DesiredCapacity, saved: LaunchTemplate?.Version },
          runs: Instances?.map((instance) => instance.LaunchTemplate?.Version),
        }),
      ),
    ).toEqual([
      { AutoScalingGroupName: 'blue', MinSize: 4, DesiredCapacity: 4, saved: '1', runs: Array(4).fill('1') },
      { AutoScalingGroupName: 'green', MinSize: 4, DesiredCapacity: 4, saved: '2', runs: Array(4).fill('2') },
    ]);
    expect(await states(arns[1])).toEqual(['healthy', 'healthy', 'healthy', 'healthy']);
  });

  it('send nothing to weight 0, and the share that was asked for after the delay', async () => {
    const versions = { 2: { errorRate: 0.03, latency: { median: 0.1, p95: 0.4 } } };
    await control('POST', '/traffic', { requestsPerSecond: 400, seed: 7, versions });
    await advance(60);
    const { requests, ...first } = await traffic();
    // Whole seconds, of a clock that began within one.
    expect(Math.abs(requests - 24_000)).toBeLessThanOrEqual(400);
    expect(first).toMatchObject({ errors: 0, lost: 0 });
    expect(first.versions).not.toHaveProperty('2');
    await weigh(90, 10);
    expect(await readWeights()).toEqual([90, 10]);
    await advance(9);
    expect((await traffic()).versions).not.toHaveProperty('2');
    await advance(61);
    const second = (await traffic()).versions[2] ?? { requests: 0, errors: 0, lost: 0 };
    expect(second.requests).toBeGreaterThan(2100);
    expect(second.requests).toBeLessThan(2700);
    expect(second.errors).toBeGreaterThan(30);
    expect(second.lost).toBe(0);
  });

  it('publish what each target group does, in one call', async () => {
    await advance(120);
    const [blue, green] = await metrics(
      1,
      ['RequestCount', 'Sum'],
      ['HTTPCode_Target_5XX_Count', 'Sum'],
      ['TargetResponseTime', 'p50'],
      ['TargetResponseTime', 'p95'],
      ['HealthyHostCount', 'Minimum'],
      ['RequestCountPerTarget', 'Sum'],
    );
    expect((blue?.[0]?.[0] ?? 0) + (green?.[0]?.[0] ?? 0)).toBe(24_000);
    expect(blue?.slice(1, 5)).toEqual([[], [0.02], [0.05], [4]]);
    expect(green?.slice(2, 5)).toEqual([[0.1], [0.4], [4]]);
    expect(green?.[1]?.[0]).toBeGreaterThan(30);
    expect(green?.[5]?.[0]).toBeCloseTo((green?.[0]?.[0] ?? 0) / 4, 6);
  });

  it('lose the share of a group that is empty, and of no other', async () => {
    await resize('green', 0, '2');
    // Each drains for the deregistration delay before it is terminated.
    await advance(240);
    expect(await states(arns[1])).toEqual(Array(4).fill('draining'));
    await advance(180);
    expect(await states(arns[1])).toEqual([]);
    const before = await traffic();
    await advance(60);
    const after = await traffic();
    expect(after.lost - before.lost).toBeGreaterThan(2100);
    expect(after.lost - before.lost).toBeLessThan(2700);
    expect(after.versions[1]?.lost).toBe(0);
  });

  it('take effect later when a test asks for it, until it does no more', async () => {
    expect(await control('POST', '/faults', { loadBalancer: { weightDelay: 3600 } })).toMatchObject({
      ...{ status: 200, value: { loadBalancer: { weightDelay: 3600 } } },
    });
    await weigh(100, 0);
    const before = await traffic();
    await advance(60);
    expect((await traffic()).lost).toBeGreaterThan(before.lost);
    await control('DELETE', '/faults');
    await weigh(999, 0);
    await advance(10);
    const settled = await traffic();
    await advance(60);
    expect((await traffic()).lost).toBe(settled.lost);
    expect((await control('DELETE', '/traffic')).value).toMatchObject({ running: false });
  });

  it('show both forms of an action to one target group, and whose it is', async () => {
    await loadBalancing.send(
      new ModifyRuleCommand({ RuleArn: ruleArn, Actions: [{ Type: 'forward', TargetGroupArn: arns[0] }] }),
    );
    const { Rules } = await loadBalancing.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    expect(Rules?.[0]?.Actions).toEqual([
      {
        ...{ Type: 'forward', TargetGroupArn: arns[0] },
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: arns[0], Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]);
    const { TargetGroups } = await loadBalancing.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: arns }),
    );
    expect(TargetGroups?.map(({ LoadBalancerArns }) => LoadBalancerArns)).toEqual([[loadBalancerArn], []]);
    await weigh(100, 0);
  });

  it("are refused in AWS's codes where they are wrong", async () => {
    await expect(weigh(1000, 0)).rejects.toMatchObject({ name: expect.stringMatching(/^ValidationError/) });
    expect(await readWeights()).toEqual([100, 0]);
  });

  it('can be opened by a header, whose conditions a change replaces', async () => {
    const condition = (value: string) => ({
      ...{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Preview-Key', Values: [value] } },
    });
    await loadBalancing.send(new ModifyRuleCommand({ RuleArn: ruleArn, Conditions: [condition('secret')] }));
    await loadBalancing.send(new ModifyRuleCommand({ RuleArn: ruleArn, Conditions: [condition('other')] }));
    const { Rules } = await loadBalancing.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    expect(Rules?.[0]?.Conditions).toEqual([condition('other')]);
    expect(await readWeights()).toEqual([100, 0]);
  });

  it('refuses nonsense', async () => {
    for (const [path, body] of [
      ['/traffic', { rate: 5 }],
      ['/faults', { loadBalancer: { weightDelay: 'long' } }],
    ] as const)
      expect((await control('POST', path, body)).status).toBe(400);
  });
});
