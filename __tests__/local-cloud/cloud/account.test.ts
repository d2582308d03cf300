/** A new account: the roles that services make for themselves, their race, and the first quotas. */
import { beforeAll, expect, it } from '@jest/globals';
import { asQuery, CloudOfTests, found, suiteWithModels } from '../helpers/cloud.ts';
import { models } from '../helpers/service-model.ts';

const cloud = new CloudOfTests({ account: 'new' });
const used = new CloudOfTests();

const roleOf = async (where: CloudOfTests, name: string): Promise<string> => {
  const answer = await where.send('iam', 'GetRole', { RoleName: `AWSServiceRoleFor${name}` });
  return answer.code === '' ? found(answer.body, 'Arn') : answer.code;
};

/** A group of one instance behind a target group. */
async function createGroup(name: string, type: string, size: number): Promise<void> {
  const data = { 'LaunchTemplateData.ImageId': 'ami-1', 'LaunchTemplateData.InstanceType': type };
  await cloud.call('ec2', 'CreateLaunchTemplate', { LaunchTemplateName: name, ...data });
  const VpcId = found(await cloud.call('ec2', 'DescribeVpcs'), 'vpcId');
  const input = { Name: name, Protocol: 'HTTP', Port: 80, VpcId };
  const made = await cloud.call('elbv2', 'CreateTargetGroup', asQuery(input));
  const group = {
    ...{ AutoScalingGroupName: name, MinSize: size, MaxSize: size, AvailabilityZones: ['eu-north-1a'] },
    ...{ LaunchTemplate: { LaunchTemplateName: name }, TargetGroupARNs: [found(made, 'TargetGroupArn')] },
  };
  await cloud.call('autoscaling', 'CreateAutoScalingGroup', asQuery(group));
}

async function activities(group: string): Promise<{ status: string; message: string }[]> {
  const body = await cloud.call('autoscaling', 'DescribeScalingActivities', { AutoScalingGroupName: group });
  const members = body.split('<ActivityId>').slice(1);
  return members.map((text) => ({
    status: found(text, 'StatusCode'),
    message: found(text, 'StatusMessage'),
  }));
}

suiteWithModels('a new account', () => {
  beforeAll(async () => {
    await createGroup('small', 't3.micro', 1);
  });

  it('has no service-linked role before it needs one', async () => {
    expect(await roleOf(cloud, 'ElasticLoadBalancing')).toBe('NoSuchEntity');
    expect(await roleOf(cloud, 'RDS')).toBe('NoSuchEntity');
    const subnets = [...(await cloud.call('ec2', 'DescribeSubnets')).matchAll(/<subnetId>([^<]+)/g)];
    const Subnets = subnets.slice(0, 2).map(([, id = '']) => id);
    await cloud.call('elbv2', 'CreateLoadBalancer', asQuery({ Name: 'b', Subnets }));
    expect(await roleOf(cloud, 'ElasticLoadBalancing')).toBe(
      'arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing',
    );
  });

  it('makes that of Auto Scaling with the first group, whose first launches race it', async () => {
    const role = 'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    expect(await roleOf(cloud, 'AutoScaling')).toBe(`arn:aws:iam::123456789012:${role}`);
    await cloud.control('/clock', { advance: 5 });
    expect(await activities('small')).toContainEqual({
      status: 'Failed',
      message:
        `Access denied when attempting to assume role arn:aws:iam::123456789012:${role}. ` +
        'Validating load balancer configuration failed.',
    });
    await cloud.control('/clock', { advance: 300 });
    expect((await activities('small'))[0]).toMatchObject({ status: 'Successful' });
  });

  it('runs no more than its quota of vCPUs', async () => {
    await createGroup('large', 'm7g.4xlarge', 1);
    await cloud.control('/clock', { advance: 60 });
    const [latest] = await activities('large');
    expect(latest?.status).toBe('Failed');
    // A status message has 255 characters at most.
    expect(latest?.message).toMatch(
      /^You have requested more vCPU capacity than your current vCPU limit of 16 allows for the instance bucket that/,
    );
  });

  it('has five VPCs, one of them its own, and five addresses', async () => {
    const vpc = (): Promise<string> =>
      cloud
        .send('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' })
        .then(({ code, message }) => `${code}: ${message}`);
    const address = (): Promise<string> =>
      cloud
        .send('ec2', 'AllocateAddress', { Domain: 'vpc' })
        .then(({ code, message }) => `${code}: ${message}`);
    for (let made = 1; made < 5; made += 1) expect(await vpc()).toBe(': ');
    expect(await vpc()).toBe('VpcLimitExceeded: The maximum number of VPCs has been reached.');
    for (let made = 0; made < 5; made += 1) expect(await address()).toBe(': ');
    expect(await address()).toBe('AddressLimitExceeded: The maximum number of addresses has been reached.');
  });
});

suiteWithModels('an account that has been used', () => {
  it('has the roles', async () => {
    const names = ['AutoScaling', 'ElasticLoadBalancing', 'RDS', 'EC2Spot'];
    const roles = await Promise.all(names.map((name) => roleOf(used, name)));
    expect(roles).toEqual(
      names.map((name) => expect.stringContaining(`/AWSServiceRoleFor${name}`) as unknown),
    );
  });
});

if (models === undefined) {
  it.skip('skipped: the emulator is not installed yet; `npm test` installs it', () => undefined);
}
