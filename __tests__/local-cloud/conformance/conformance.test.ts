/**
 * Answers of the services that the local cloud has written itself, against AWS's published model of them. What
 * is compared is the wire: element names, required members, types and enumerations.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '../../../local-cloud/cloud/server.ts';
import { existingPython } from '../../../local-cloud/setup/python.ts';
import { Conformance, dataFolder, readModel } from '../helpers/service-model.ts';

/** The venv that `npm test` makes has both moto and the model. */
const python = await existingPython();
const folder = dataFolder();
const available = python !== undefined && folder !== undefined;
const suite = available ? describe : describe.skip;

let cloud: LocalCloud;
let runFolder: string;

const SIGNING: Record<string, string> = { elbv2: 'elasticloadbalancing' };

async function call(
  service: string,
  operation: string,
  parameters: Record<string, unknown> = {},
  region = 'eu-north-1',
): Promise<string> {
  const scope = `Credential=local/20261122/${region}/${SIGNING[service] ?? service}/aws4_request`;
  const headers: Record<string, string> = { authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=0` };
  let body: string;
  if (service === 'ecr') {
    headers['x-amz-target'] = `AmazonEC2ContainerRegistry_V20150921.${operation}`;
    headers['content-type'] = 'application/x-amz-json-1.1';
    body = JSON.stringify(parameters);
  } else {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    const version = service === 'ec2' ? '2016-11-15' : service === 'elbv2' ? '2015-12-01' : '2011-01-01';
    body = new URLSearchParams({
      Action: operation,
      Version: version,
      ...(parameters as Record<string, string>),
    }).toString();
  }
  const answer = await fetch(cloud.endpoint, { method: 'POST', headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${service}:${operation}: ${text}`);
  return text;
}

const control = (path: string, value: unknown): Promise<Response> =>
  fetch(`${cloud.endpoint}/_local${path}`, { method: 'POST', body: JSON.stringify(value) });

const found = (text: string, element: string): string =>
  // eslint-disable-next-line security/detect-non-literal-regexp -- the names are this file's own
  new RegExp(`<${element}>([^<]+)</${element}>`).exec(text)?.[1] ?? '';

/** What an operation that needs no parameters is called with. */
const nothing = (): Record<string, unknown> => ({});

let targetGroup = '';
let instance = '';

/** A group of two healthy instances behind a target group, and a refresh of it that is under way. */
async function populate(): Promise<void> {
  const subnet = found(await call('ec2', 'DescribeSubnets'), 'subnetId');
  const vpc = found(await call('ec2', 'DescribeVpcs'), 'vpcId');
  const data = { 'LaunchTemplateData.ImageId': 'ami-1', 'LaunchTemplateData.InstanceType': 't3.micro' };
  await call('ec2', 'CreateLaunchTemplate', { LaunchTemplateName: 'template', ...data });
  const groups = { Name: 'tg', Protocol: 'HTTP', Port: '3000', VpcId: vpc, HealthCheckIntervalSeconds: '5' };
  targetGroup = found(await call('elbv2', 'CreateTargetGroup', groups), 'TargetGroupArn');
  const capacity = { MinSize: '2', MaxSize: '4', DesiredCapacity: '2', VPCZoneIdentifier: subnet };
  await call('autoscaling', 'CreateAutoScalingGroup', {
    ...{ AutoScalingGroupName: 'g', ...capacity, HealthCheckType: 'ELB', HealthCheckGracePeriod: '60' },
    ...{ 'LaunchTemplate.LaunchTemplateName': 'template', 'LaunchTemplate.Version': '1' },
    ...{ 'TargetGroupARNs.member.1': targetGroup, 'Tags.member.1.Key': 'k', 'Tags.member.1.Value': 'v' },
  });
  await control('/clock', { advance: 300 });
  instance = found(await call('autoscaling', 'DescribeAutoScalingInstances'), 'InstanceId');
  await call('ec2', 'CreateLaunchTemplateVersion', {
    LaunchTemplateName: 'template',
    SourceVersion: '1',
    'LaunchTemplateData.InstanceType': 't3.small',
  });
  await call('autoscaling', 'StartInstanceRefresh', {
    ...{ AutoScalingGroupName: 'g', 'DesiredConfiguration.LaunchTemplate.LaunchTemplateName': 'template' },
    ...{ 'DesiredConfiguration.LaunchTemplate.Version': '2', 'Preferences.MinHealthyPercentage': '100' },
    ...{ 'Preferences.MaxHealthyPercentage': '150', 'Preferences.AutoRollback': 'true' },
  });
  await control('/clock', { advance: 20 });
  await call('ecr', 'CreateRepository', { repositoryName: 'shop', tags: [{ Key: 'k', Value: 'v' }] });
}

suite("answers of our own services fit AWS's model", () => {
  beforeAll(async () => {
    runFolder = mkdtempSync(join(tmpdir(), 'asg-conformance-'));
    const options = { port: 0, instances: 'simulated', speed: 1 } as const;
    cloud = await startLocalCloud({
      ...options,
      folder: runFolder,
      python: python ?? '',
      log: () => undefined,
    });
    await populate();
  }, 60_000);

  afterAll(async () => {
    await cloud.close();
    rmSync(runFolder, { recursive: true, force: true });
  });

  it.each<[string, string, () => Record<string, unknown>]>([
    ['autoscaling', 'DescribeAutoScalingGroups', nothing],
    ['autoscaling', 'DescribeAutoScalingInstances', nothing],
    ['autoscaling', 'DescribeInstanceRefreshes', () => ({ AutoScalingGroupName: 'g' })],
    ['autoscaling', 'DescribeScalingActivities', nothing],
    ['autoscaling', 'DescribeTags', nothing],
    ['autoscaling', 'DescribeLifecycleHooks', () => ({ AutoScalingGroupName: 'g' })],
    ['autoscaling', 'DescribePolicies', nothing],
    ['autoscaling', 'DescribeAccountLimits', nothing],
    ['autoscaling', 'DescribeAutoScalingNotificationTypes', nothing],
    ['autoscaling', 'DescribeLoadBalancerTargetGroups', () => ({ AutoScalingGroupName: 'g' })],
    ['autoscaling', 'CancelInstanceRefresh', () => ({ AutoScalingGroupName: 'g' })],
    ['elbv2', 'DescribeTargetHealth', () => ({ TargetGroupArn: targetGroup })],
    ['ec2', 'DescribeInstances', nothing],
    ['ec2', 'DescribeInstances', () => ({ 'InstanceId.1': instance })],
    ['ec2', 'DescribeInstanceStatus', nothing],
    ['ec2', 'GetConsoleOutput', () => ({ InstanceId: instance })],
    ['ecr', 'DescribeRepositories', nothing],
    ['ecr', 'DescribeImages', () => ({ repositoryName: 'shop' })],
    ['ecr', 'ListImages', () => ({ repositoryName: 'shop' })],
    ['ecr', 'BatchGetImage', () => ({ repositoryName: 'shop', imageIds: [{ imageTag: 'none' }] })],
    ['ecr', 'BatchCheckLayerAvailability', () => ({ repositoryName: 'shop', layerDigests: ['sha256:0'] })],
    ['ecr', 'PutLifecyclePolicy', () => ({ repositoryName: 'shop', lifecyclePolicyText: '{"rules":[]}' })],
    ['ecr', 'GetLifecyclePolicy', () => ({ repositoryName: 'shop' })],
    [
      'ecr',
      'ListTagsForResource',
      () => ({ resourceArn: 'arn:aws:ecr:eu-north-1:123456789012:repository/shop' }),
    ],
    ['ecr', 'GetAuthorizationToken', nothing],
    ['ec2', 'TerminateInstances', () => ({ 'InstanceId.1': instance })],
    ['ecr', 'DeleteRepository', () => ({ repositoryName: 'shop' })],
  ])('%s %s', async (service, operation, parameters) => {
    const body = await call(service, operation, parameters());
    const model = new Conformance(readModel(folder ?? '', service));
    expect(model.problems(operation, body)).toEqual([]);
  });

  it('is reset once for all who ask at the same time', async () => {
    const answers = await Promise.all([control('/reset', {}), control('/reset', {}), control('/reset', {})]);
    const status = expect.objectContaining({ ready: true });
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([status, status, status]);
    const again = await call('autoscaling', 'DescribeAutoScalingGroups');
    expect(again).not.toContain('<AutoScalingGroupName>');
    await populate();
  });

  it('has a new alarm without data, and keeps the state of one that is put again', async () => {
    const alarm = { AlarmName: 'errors', Namespace: 'n', MetricName: 'm', Statistic: 'Sum', Period: '60' };
    const rule = { EvaluationPeriods: '1', Threshold: '1', ComparisonOperator: 'GreaterThanThreshold' };
    const state = async (): Promise<string> =>
      found(await call('monitoring', 'DescribeAlarms', { 'AlarmNames.member.1': 'errors' }), 'StateValue');
    await call('monitoring', 'PutMetricAlarm', { ...alarm, ...rule });
    expect(await state()).toBe('INSUFFICIENT_DATA');
    const set = { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'a test' };
    await call('monitoring', 'SetAlarmState', set);
    await call('monitoring', 'PutMetricAlarm', { ...alarm, ...rule, Threshold: '2' });
    expect(await state()).toBe('ALARM');
    await call('monitoring', 'PutMetricAlarm', {
      ...{ ...alarm, ...rule, AlarmName: 'hosts', TreatMissingData: 'notBreaching' },
    });
    const inState = (StateValue: string): Promise<string> =>
      call('monitoring', 'DescribeAlarms', { StateValue });
    expect(await inState('INSUFFICIENT_DATA')).toContain('hosts');
    // Missing data is fine to this one, which the first evaluation says.
    await control('/clock', { advance: 60 });
    expect(await inState('OK')).toContain('hosts');
  });

  it('shows nothing of this region in another one', async () => {
    const elsewhere = (service: string, operation: string): Promise<string> =>
      call(service, operation, {}, 'us-east-1');
    expect(await elsewhere('autoscaling', 'DescribeAutoScalingInstances')).not.toContain('i-');
    expect(await elsewhere('ec2', 'DescribeInstances')).not.toContain('<instanceId>');
  });

  it('is about answers that have something in them', async () => {
    expect(
      found(
        await call('autoscaling', 'DescribeInstanceRefreshes', { AutoScalingGroupName: 'g' }),
        'InstanceRefreshId',
      ),
    ).not.toBe('');
    expect(
      found(await call('elbv2', 'DescribeTargetHealth', { TargetGroupArn: targetGroup }), 'State'),
    ).not.toBe('');
    expect(instance).toMatch(/^i-/);
  });

  it('would notice an answer that does not fit', () => {
    const model = new Conformance(readModel(folder ?? '', 'ecr'));
    const body = JSON.stringify({
      repositories: [{ repositoryNmae: 'x', createdAt: 'yesterday', imageTagMutability: 'MAYBE' }],
    });
    expect(model.problems('DescribeRepositories', body)).toEqual([
      'DescribeRepositories.repositories[0].repositoryNmae: unknown to the model',
      'DescribeRepositories.repositories[0].createdAt: "yesterday" is no timestamp',
      'DescribeRepositories.repositories[0].imageTagMutability: "MAYBE" is not in the enumeration',
    ]);
  });
});

if (!available) {
  it.skip('skipped: the emulator is not installed yet; `npm test` installs it', () => undefined);
}
