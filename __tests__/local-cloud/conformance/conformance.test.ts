/**
 * Answers of the services that the local cloud has written itself, against AWS's published model of them. What
 * is compared is the wire: element names, required members, types and enumerations.
 */
import { beforeAll, expect, it } from '@jest/globals';
import { readModel } from '../../../local-cloud/model/index.ts';
import { CloudOfTests, found, suiteWithModels } from '../helpers/cloud.ts';
import { Conformance, models } from '../helpers/service-model.ts';

const cloud = new CloudOfTests();
const call = cloud.call.bind(cloud);
const control = cloud.control.bind(cloud);

/** What an operation that needs no parameters is called with. */
const nothing = (): Record<string, unknown> => ({});

/** The shortest that ECR takes has a hundred characters. */
const lifecyclePolicyText = JSON.stringify({ rules: [] }).padEnd(100);

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

suiteWithModels("answers of our own services fit AWS's model", () => {
  beforeAll(populate);

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
    ['ecr', 'PutLifecyclePolicy', () => ({ repositoryName: 'shop', lifecyclePolicyText })],
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
    const model = new Conformance(readModel(models ?? '', service));
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
    const model = new Conformance(readModel(models ?? '', 'ecr'));
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

if (models === undefined) {
  it.skip('skipped: the emulator is not installed yet; `npm test` installs it', () => undefined);
}
