/** Which version a group launches, and what its targets are while no load balancer uses them, seen by AWS's clients. */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { python, startTestCloud, type TestCloud } from '../helpers/test-cloud.ts';

const suite = python === undefined ? describe.skip : describe;

let cloud: TestCloud;
let autoScaling: AutoScalingClient;
let ec2: EC2Client;
let loadBalancing: ElasticLoadBalancingV2Client;

async function template(name: string): Promise<void> {
  const LaunchTemplateData = { ImageId: 'ami-1', InstanceType: 't3.micro' as const };
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData }));
}

async function newVersion(LaunchTemplateName: string): Promise<void> {
  const LaunchTemplateData = { InstanceType: 't3.small' as const };
  await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData }));
}

const group = (AutoScalingGroupName: string) => ({
  ...{ AutoScalingGroupName, MinSize: 0, MaxSize: 9, DesiredCapacity: 1 },
  AvailabilityZones: ['eu-north-1a'],
});

async function versions(name: string): Promise<(string | undefined)[]> {
  const { AutoScalingGroups = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return (AutoScalingGroups[0]?.Instances ?? []).map(({ LaunchTemplate }) => LaunchTemplate?.Version);
}

suite('groups and targets', () => {
  beforeAll(async () => {
    cloud = await startTestCloud();
    autoScaling = new AutoScalingClient(cloud.client);
    ec2 = new EC2Client(cloud.client);
    loadBalancing = new ElasticLoadBalancingV2Client(cloud.client);
  });

  afterAll(async () => {
    for (const client of [autoScaling, ec2, loadBalancing]) client.destroy();
    await cloud.close();
  });

  it('launches the version that is newest, or the default, at the moment of the launch', async () => {
    await template('latest');
    const launching = (Version: string) => ({ LaunchTemplate: { LaunchTemplateName: 'latest', Version } });
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({ ...group('latest'), ...launching('$Latest') }),
    );
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({ ...group('default'), ...launching('$Default') }),
    );
    await cloud.advance(30);
    await newVersion('latest');
    for (const [AutoScalingGroupName, DesiredCapacity] of [
      ['latest', 2],
      ['default', 2],
    ] as const)
      await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
    await cloud.advance(30);
    expect(await versions('latest')).toEqual(['1', '2']);
    expect(await versions('default')).toEqual(['1', '1']);
    await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName: 'latest', DefaultVersion: '2' }));
    await autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: 'default', DesiredCapacity: 3 }),
    );
    await cloud.advance(30);
    expect(await versions('default')).toEqual(['1', '1', '2']);
  });

  it('has targets unused until a listener forwards to them, and again when it is gone', async () => {
    await template('targets');
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    const zones = { a: 'eu-north-1a', b: 'eu-north-1b' };
    const subnetIn = (zone: string): string =>
      Subnets.find(({ AvailabilityZone }) => AvailabilityZone === zone)?.SubnetId ?? '';
    const { TargetGroups } = await loadBalancing.send(
      new CreateTargetGroupCommand({ Name: 'unused', Protocol: 'HTTP', Port: 80, VpcId: Vpcs?.[0]?.VpcId }),
    );
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        ...group('targets'),
        ...{ DesiredCapacity: 2, AvailabilityZones: ['eu-north-1a', 'eu-north-1c'] },
        LaunchTemplate: { LaunchTemplateName: 'targets', Version: '1' },
        ...{ TargetGroupARNs: [TargetGroupArn], HealthCheckType: 'ELB', HealthCheckGracePeriod: 0 },
      }),
    );
    await cloud.advance(300);
    const health = async () => {
      const answer = await loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return (answer.TargetHealthDescriptions ?? []).map(({ TargetHealth }) => TargetHealth);
    };
    const unused = {
      ...{ State: 'unused', Reason: 'Target.NotInUse' },
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
    expect(await health()).toEqual([unused, unused]);
    expect(await versions('targets')).toEqual(['1', '1']);

    const { LoadBalancers } = await loadBalancing.send(
      new CreateLoadBalancerCommand({ Name: 'lb', Subnets: [subnetIn(zones.a), subnetIn(zones.b)] }),
    );
    expect(await health()).toEqual([unused, unused]);
    const { Listeners } = await loadBalancing.send(
      new CreateListenerCommand({
        ...{ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80 },
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
    const otherZone = {
      ...{ State: 'unused', Reason: 'Target.NotInUse' },
      Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
    };
    const byState = async () =>
      (await health()).sort((left, right) => (left?.State ?? '').localeCompare(right?.State ?? ''));
    expect(await byState()).toEqual([expect.objectContaining({ State: 'initial' }), otherZone]);
    await cloud.advance(60);
    expect(await byState()).toEqual([{ State: 'healthy' }, otherZone]);

    await loadBalancing.send(new DeleteListenerCommand({ ListenerArn: Listeners?.[0]?.ListenerArn }));
    await cloud.advance(60);
    expect(await health()).toEqual([unused, unused]);
    // Unused is not unhealthy: nothing was replaced.
    expect(await versions('targets')).toEqual(['1', '1']);
  });
});
