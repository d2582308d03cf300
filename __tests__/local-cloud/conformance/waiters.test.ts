/** The waiters of the AWS SDK, which are written by AWS against AWS: they end when the local cloud is ready for them. */
import { beforeAll, expect, it } from '@jest/globals';
import {
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  waitUntilGroupExists,
  waitUntilGroupInService,
  waitUntilGroupNotExists,
} from '@aws-sdk/client-auto-scaling';
import {
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  ElasticLoadBalancingV2Client,
  waitUntilLoadBalancerAvailable,
  waitUntilLoadBalancerExists,
  waitUntilLoadBalancersDeleted,
  waitUntilTargetDeregistered,
  waitUntilTargetInService,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { asQuery, CloudOfTests, found, suiteWithModels } from '../helpers/cloud.ts';
import { models } from '../helpers/service-model.ts';

const cloud = new CloudOfTests({ speed: 300 });
const pace = { maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
const group = { AutoScalingGroupName: 'g' };

let balancer = '';
let target = { TargetGroupArn: '', Targets: [{ Id: '' }] };

const autoScaling = () => ({ client: new AutoScalingClient(cloud.client), ...pace });
const loadBalancing = () => ({ client: new ElasticLoadBalancingV2Client(cloud.client), ...pace });

async function populate(): Promise<void> {
  const subnets = [...(await cloud.call('ec2', 'DescribeSubnets')).matchAll(/<subnetId>([^<]+)/g)];
  const [one = '', two = ''] = subnets.map(([, id = '']) => id);
  const elb = (operation: string, input: object): Promise<string> =>
    cloud.call('elbv2', operation, asQuery(input));
  const VpcId = found(await cloud.call('ec2', 'DescribeVpcs'), 'vpcId');
  const made = await elb('CreateTargetGroup', { Name: 'g', Protocol: 'HTTP', Port: 80, VpcId });
  const TargetGroupArn = found(made, 'TargetGroupArn');
  balancer = found(await elb('CreateLoadBalancer', { Name: 'b', Subnets: [one, two] }), 'LoadBalancerArn');
  const DefaultActions = [{ Type: 'forward', TargetGroupArn }];
  await elb('CreateListener', { LoadBalancerArn: balancer, Port: 80, Protocol: 'HTTP', DefaultActions });
  const data = { 'LaunchTemplateData.ImageId': 'ami-1', 'LaunchTemplateData.InstanceType': 't3.micro' };
  await cloud.call('ec2', 'CreateLaunchTemplate', { LaunchTemplateName: 'template', ...data });
  const size = {
    MinSize: 1,
    MaxSize: 1,
    TargetGroupARNs: [TargetGroupArn],
    VPCZoneIdentifier: `${one}, ${two}`,
  };
  const LaunchTemplate = { LaunchTemplateName: 'template' };
  await cloud.call('autoscaling', 'CreateAutoScalingGroup', asQuery({ ...group, ...size, LaunchTemplate }));
  target = { TargetGroupArn, Targets: [{ Id: '' }] };
}

async function instance(): Promise<string> {
  return found(await cloud.call('autoscaling', 'DescribeAutoScalingInstances'), 'InstanceId');
}

suiteWithModels("the SDK's waiters", () => {
  beforeAll(populate);

  it('see a group come into service, and its target', async () => {
    const groups = { AutoScalingGroupNames: ['g'] };
    expect((await waitUntilGroupExists(autoScaling(), groups)).state).toBe('SUCCESS');
    expect((await waitUntilGroupInService(autoScaling(), groups)).state).toBe('SUCCESS');
    target = { ...target, Targets: [{ Id: await instance() }] };
    expect((await waitUntilTargetInService(loadBalancing(), target)).state).toBe('SUCCESS');
  });

  it('see a load balancer come', async () => {
    const balancers = { LoadBalancerArns: [balancer] };
    expect((await waitUntilLoadBalancerExists(loadBalancing(), balancers)).state).toBe('SUCCESS');
    expect((await waitUntilLoadBalancerAvailable(loadBalancing(), balancers)).state).toBe('SUCCESS');
  });

  it('see a target, a group and a load balancer go', async () => {
    const [scaling, balancing] = [autoScaling(), loadBalancing()];
    await balancing.client.send(new DeregisterTargetsCommand(target));
    expect((await waitUntilTargetDeregistered(balancing, target)).state).toBe('SUCCESS');
    await scaling.client.send(new DeleteAutoScalingGroupCommand({ ...group, ForceDelete: true }));
    const gone = await waitUntilGroupNotExists(scaling, { AutoScalingGroupNames: ['g'] });
    expect(gone.state).toBe('SUCCESS');
    await balancing.client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer }));
    const deleted = await waitUntilLoadBalancersDeleted(balancing, { LoadBalancerArns: [balancer] });
    expect(deleted.state).toBe('SUCCESS');
  });
});

if (models === undefined) {
  it.skip('skipped: the emulator is not installed yet; `npm test` installs it', () => undefined);
}
