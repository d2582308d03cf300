/** AWS's own examples of its API, as they are published with the model: taken, and answered in the example's shape. */
import { beforeAll, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asQuery, CloudOfTests, found, suiteWithModels } from '../helpers/cloud.ts';
import { models } from '../helpers/service-model.ts';

interface Example {
  input?: object;
  output?: object;
  title: string;
}

function examplesOf(service: string): [string, string, Example][] {
  if (models === undefined) return [];
  const version = readdirSync(join(models, service)).sort().at(-1) ?? '';
  const text = readFileSync(join(models, service, version, 'examples-1.json'), 'utf8');
  const { examples } = JSON.parse(text) as { examples: Record<string, Example[]> };
  return Object.entries(examples).flatMap(([operation, all]) =>
    all.map((example): [string, string, Example] => [operation, example.title, example]),
  );
}

const cloud = new CloudOfTests();
/** What the examples' ids and ARNs stand for in this cloud. */
let names: [RegExp, string][] = [];

const asked = ({ input = {} }: Example): Record<string, string> => {
  const text = names.reduce((whole, [pattern, own]) => whole.replace(pattern, own), JSON.stringify(input));
  return asQuery(JSON.parse(text) as object);
};

async function populate(): Promise<void> {
  const data = { 'LaunchTemplateData.ImageId': 'ami-1', 'LaunchTemplateData.InstanceType': 't3.micro' };
  for (const name of [
    'my-template-for-auto-scaling',
    'my-launch-template-for-x86',
    'my-launch-template-for-arm',
  ]) {
    await cloud.call('ec2', 'CreateLaunchTemplate', { LaunchTemplateName: name, ...data });
    await cloud.call('ec2', 'CreateLaunchTemplateVersion', {
      LaunchTemplateName: name,
      SourceVersion: '1',
      ...data,
    });
  }
  const subnets = [...(await cloud.call('ec2', 'DescribeSubnets')).matchAll(/<subnetId>([^<]+)/g)];
  const [one = '', two = ''] = subnets.map(([, id = '']) => id);
  const vpc = found(await cloud.call('ec2', 'DescribeVpcs'), 'vpcId');
  const elb = (operation: string, input: object): Promise<string> =>
    cloud.call('elbv2', operation, asQuery(input));
  const made = await elb('CreateTargetGroup', { Name: 'group', Protocol: 'HTTP', Port: 80, VpcId: vpc });
  const targetGroup = found(made, 'TargetGroupArn');
  const balancer = found(
    await elb('CreateLoadBalancer', { Name: 'balancer', Subnets: [one, two] }),
    'LoadBalancerArn',
  );
  const DefaultActions = [{ Type: 'forward', TargetGroupArn: targetGroup }];
  const listener = found(
    await elb('CreateListener', { LoadBalancerArn: balancer, Port: 8080, Protocol: 'HTTP', DefaultActions }),
    'ListenerArn',
  );
  names = [
    [/arn:aws:elasticloadbalancing:[^"]*:listener\/[^"]*/g, listener],
    [/arn:aws:elasticloadbalancing:[^"]*:loadbalancer\/[^"]*/g, balancer],
    [/arn:aws:elasticloadbalancing:[^"]*:targetgroup\/[^"]*/g, targetGroup],
    [/subnet-(057fa0918fEXAMPLE|b7d581c0)/g, one],
    [/subnet-(610acd08EXAMPLE|8360a9e7)/g, two],
    [/vpc-[0-9a-f]+/g, vpc],
  ];
}

/** Those whose resources are there, in an order in which they are. */
const AUTO_SCALING = [
  ...['CreateAutoScalingGroup', 'CreateOrUpdateTags', 'DescribeTags', 'DeleteTags', 'DescribeAccountLimits'],
  ...['DescribeAdjustmentTypes', 'DescribeAutoScalingGroups', 'DescribeAutoScalingNotificationTypes'],
  ...['DescribeLifecycleHookTypes', 'DescribeLifecycleHooks', 'DescribeMetricCollectionTypes'],
  ...['DescribeTerminationPolicyTypes', 'DescribeScalingProcessTypes', 'DescribeScalingActivities'],
  ...['DescribePolicies', 'PutLifecycleHook', 'PutScalingPolicy', 'EnableMetricsCollection'],
  ...['DisableMetricsCollection', 'SuspendProcesses', 'ResumeProcesses', 'SetDesiredCapacity'],
  ...['AttachLoadBalancerTargetGroups', 'DescribeLoadBalancerTargetGroups', 'DetachLoadBalancerTargetGroups'],
  ...['AttachTrafficSources', 'DetachTrafficSources', 'UpdateAutoScalingGroup'],
  ...['DescribeInstanceRefreshes', 'DeleteAutoScalingGroup'],
];
const LOAD_BALANCING = [
  ...[
    'CreateTargetGroup',
    'CreateLoadBalancer',
    'AddTags',
    'DescribeTags',
    'RemoveTags',
    'DescribeLoadBalancers',
  ],
  ...[
    'DescribeLoadBalancerAttributes',
    'DescribeTargetGroups',
    'DescribeTargetGroupAttributes',
    'CreateRule',
  ],
  ...[
    'DescribeListeners',
    'DescribeTargetHealth',
    'ModifyTargetGroup',
    'ModifyTargetGroupAttributes',
    'SetSubnets',
  ],
];
const rank = (list: readonly string[], operation: string): number => list.indexOf(operation);

const all: [string, string, string, Example][] = [
  ...examplesOf('autoscaling').map((row): [string, string, string, Example] => ['autoscaling', ...row]),
  ...examplesOf('elbv2').map((row): [string, string, string, Example] => ['elbv2', ...row]),
];

suiteWithModels("AWS's examples", () => {
  beforeAll(populate);

  it('are many', () => expect(all.length).toBeGreaterThan(90));

  it.each(
    [...AUTO_SCALING, ...LOAD_BALANCING].flatMap((operation) => {
      const rows = all.filter(([service, name]) => {
        return name === operation && rank(AUTO_SCALING, name) >= 0 === (service === 'autoscaling');
      });
      return rows;
    }),
  )('%s %s, %s, is answered', async (service, operation, _, example) => {
    const answer = await cloud.send(service, operation, asked(example));
    // The second of two examples with one name, and the deletion of a group that has instances by now.
    if (['AlreadyExists', 'DuplicateLoadBalancerName', 'ResourceInUse'].includes(answer.code)) return;
    expect(`${answer.code} ${answer.message}`).toBe(' ');
    const named = Object.entries(example.output ?? {}).filter(([, value]) => value !== '');
    for (const [name] of named) expect(answer.body).toContain(`<${name}`);
  });

  it.each(all)('%s %s, %s, is not refused for what it looks like', async (service, operation, _, example) => {
    const { message } = await cloud.send(service, operation, asked(example));
    expect(message).not.toContain('validation error');
  });
});

if (models === undefined) {
  it.skip('skipped: the emulator is not installed yet; `npm test` installs it', () => undefined);
}
