/** IAM of the local cloud, as AWS's own clients see it: what a role may do, and what it is told otherwise. */
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  CreateSecurityGroupCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  ECRClient,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
} from '@aws-sdk/client-ecr';
import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  DeleteBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { allow, assumeRole, document, type Keys, makeRole, outcomeOf, trustOf } from '../helpers/roles.ts';
import { python, startTestCloud, type TestCloud } from '../helpers/test-cloud.ts';

const suite = python === undefined ? describe.skip : describe;
// Beside other tests, starting a cloud takes its time.

let cloud: TestCloud;

beforeAll(async () => {
  if (python !== undefined) cloud = await startTestCloud();
});
afterAll(async () => {
  await cloud?.close();
});

const configuration = (credentials: Keys = cloud.client.credentials) => ({
  ...{ ...cloud.client, credentials, maxAttempts: 1 },
});
const account = '123456789012';

let roles = 0;

/** A role of its own with what it may do, assumed. */
async function holding(
  statements: object[],
  { boundary }: { boundary?: string } = {},
): Promise<{ keys: Keys; name: string }> {
  const name = `role-${(roles += 1)}`;
  const arn = await makeRole(cloud.client, name, { statements, boundary });
  return { keys: await assumeRole(cloud.client, arn), name };
}

suite('a role', () => {
  it('may do what its policy says, and is told in the words of each service what it may not', async () => {
    const { keys, name } = await holding([
      allow('ssm:GetParameter', `arn:aws:ssm:eu-north-1:${account}:parameter/shop/dev/*`),
    ]);
    const ssm = new SSMClient(configuration());
    for (const Name of ['/shop/dev/A', '/shop/prod/A'])
      await ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }));
    const asRole = new SSMClient(configuration(keys));
    const who = `User: arn:aws:sts::${account}:assumed-role/${name}/test is not authorized to perform:`;
    expect(await outcomeOf(asRole.send(new GetParameterCommand({ Name: '/shop/dev/A' })))).toBe('allowed');
    expect(await outcomeOf(asRole.send(new GetParameterCommand({ Name: '/shop/prod/A' })))).toBe(
      `400 AccessDeniedException: ${who} ssm:GetParameter on resource: arn:aws:ssm:eu-north-1:${account}:parameter/shop/prod/A because no identity-based policy allows the ssm:GetParameter action`,
    );
    expect(await outcomeOf(new EC2Client(configuration(keys)).send(new DescribeVpcsCommand({})))).toBe(
      `403 UnauthorizedOperation: You are not authorized to perform this operation. ${who} ec2:DescribeVpcs on resource: * because no identity-based policy allows the ec2:DescribeVpcs action.`,
    );
    expect(
      await outcomeOf(
        new AutoScalingClient(configuration(keys)).send(
          new StartInstanceRefreshCommand({ AutoScalingGroupName: 'shop' }),
        ),
      ),
    ).toBe(
      `403 AccessDenied: ${who} autoscaling:StartInstanceRefresh on resource: arn:aws:autoscaling:eu-north-1:${account}:autoScalingGroup:*:autoScalingGroupName/shop because no identity-based policy allows the autoscaling:StartInstanceRefresh action`,
    );
    expect(
      await outcomeOf(
        new ECRClient(configuration(keys)).send(new DescribeImagesCommand({ repositoryName: 'shop' })),
      ),
    ).toMatch(
      /^400 AccessDeniedException: User: .* ecr:DescribeImages on resource: arn:aws:ecr:eu-north-1:123456789012:repository\/shop /,
    );
  });

  it('may do no more than its boundary, whatever its policy says', async () => {
    const iam = new IAMClient(configuration());
    const made = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'most', PolicyDocument: document(allow('s3:*', '*')) }),
    );
    const { keys } = await holding([allow('*', '*')], { boundary: made.Policy?.Arn });
    expect(await outcomeOf(new EC2Client(configuration(keys)).send(new DescribeVpcsCommand({})))).toMatch(
      /because no permissions boundary allows the ec2:DescribeVpcs action/,
    );
  });

  it('is told of an explicit deny', async () => {
    const { keys } = await holding([
      allow('*', '*'),
      { Effect: 'Deny', Action: 'ec2:DescribeVpcs', Resource: '*' },
    ]);
    expect(await outcomeOf(new EC2Client(configuration(keys)).send(new DescribeVpcsCommand({})))).toMatch(
      /with an explicit deny in an identity-based policy/,
    );
  });

  it('is bound by tags of what exists and of what it makes', async () => {
    const tags = [{ Key: 'Environment', Value: 'dev' }];
    const tag = (resource: 'aws:RequestTag' | 'aws:ResourceTag') => ({
      StringEquals: { [`${resource}/Environment`]: 'dev' },
    });
    const { keys } = await holding([
      allow(['ec2:CreateVpc'], '*', tag('aws:RequestTag')),
      allow('ec2:CreateSubnet', 'arn:aws:ec2:*:*:vpc/*', tag('aws:ResourceTag')),
      allow('ec2:CreateSubnet', 'arn:aws:ec2:*:*:subnet/*', tag('aws:RequestTag')),
      allow('ec2:CreateTags', '*', { StringEquals: { 'ec2:CreateAction': ['CreateVpc', 'CreateSubnet'] } }),
    ]);
    const ec2 = new EC2Client(configuration(keys));
    const vpcTags = [{ ResourceType: 'vpc' as const, Tags: tags }];
    const subnetTags = [{ ResourceType: 'subnet' as const, Tags: tags }];
    const own = await ec2.send(
      new CreateVpcCommand({ CidrBlock: '10.1.0.0/16', TagSpecifications: vpcTags }),
    );
    const foreign = await new EC2Client(configuration()).send(
      new CreateVpcCommand({ CidrBlock: '10.2.0.0/16' }),
    );
    const subnet = (VpcId: string | undefined, CidrBlock: string, TagSpecifications = subnetTags) =>
      outcomeOf(ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, TagSpecifications })));
    expect(await outcomeOf(ec2.send(new CreateVpcCommand({ CidrBlock: '10.3.0.0/16' })))).toMatch(
      /ec2:CreateVpc on resource: arn:aws:ec2:eu-north-1:123456789012:vpc\/\* /,
    );
    expect(await subnet(own.Vpc?.VpcId, '10.1.1.0/24')).toBe('allowed');
    expect(await subnet(foreign.Vpc?.VpcId, '10.2.1.0/24')).toMatch(
      /ec2:CreateSubnet on resource: arn:aws:ec2:eu-north-1:123456789012:vpc\/vpc-/,
    );
    expect(
      await outcomeOf(ec2.send(new CreateTagsCommand({ Resources: [foreign.Vpc?.VpcId ?? ''], Tags: tags }))),
    ).toMatch(/ec2:CreateTags on resource: .*vpc\/vpc-/);
  });

  it('deletes a security group of its own and no other', async () => {
    const admin = new EC2Client(configuration());
    const make = async (name: string, value: string) =>
      (
        await admin.send(
          new CreateSecurityGroupCommand({
            GroupName: name,
            Description: name,
            TagSpecifications: [
              { ResourceType: 'security-group', Tags: [{ Key: 'Environment', Value: value }] },
            ],
          }),
        )
      ).GroupId;
    const [dev, prod] = [await make('dev', 'dev'), await make('prod', 'prod')];
    const { keys } = await holding([
      allow('ec2:DeleteSecurityGroup', '*', { StringEquals: { 'aws:ResourceTag/Environment': 'dev' } }),
    ]);
    const ec2 = new EC2Client(configuration(keys));
    expect(await outcomeOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId: prod })))).toMatch(
      /^403 UnauthorizedOperation/,
    );
    expect(await outcomeOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId: dev })))).toBe('allowed');
  });

  it('hands a role to instances only when it may pass it, also by way of a launch template', async () => {
    const iam = new IAMClient(configuration());
    await iam.send(
      new CreateRoleCommand({ RoleName: 'instance', AssumeRolePolicyDocument: trustOf(account) }),
    );
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'instance' }));
    const { keys } = await holding([
      allow(['iam:AddRoleToInstanceProfile', 'autoscaling:*', 'ec2:RunInstances'], '*'),
    ]);
    const { keys: passing } = await holding([
      allow(['autoscaling:*', 'ec2:RunInstances'], '*'),
      allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } }),
    ]);
    const add = new AddRoleToInstanceProfileCommand({
      InstanceProfileName: 'instance',
      RoleName: 'instance',
    });
    expect(await outcomeOf(new IAMClient(configuration(keys)).send(add))).toMatch(
      /iam:PassRole on resource: arn:aws:iam::123456789012:role\/instance /,
    );
    await iam.send(add);
    const data = {
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 't3.micro' as const,
      IamInstanceProfile: { Name: 'instance' },
    };
    await new EC2Client(configuration()).send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: 'shop', LaunchTemplateData: data }),
    );
    const group = new CreateAutoScalingGroupCommand({
      ...{ AutoScalingGroupName: 'shop', MinSize: 0, MaxSize: 1, AvailabilityZones: ['eu-north-1a'] },
      LaunchTemplate: { LaunchTemplateName: 'shop', Version: '$Latest' },
    });
    expect(await outcomeOf(new AutoScalingClient(configuration(keys)).send(group))).toMatch(
      /iam:PassRole on resource/,
    );
    expect(await outcomeOf(new AutoScalingClient(configuration(passing)).send(group))).toBe('allowed');
  });

  it('reads a bucket as policy of role and bucket together allow it', async () => {
    const admin = new S3Client({ ...configuration(), forcePathStyle: true });
    await admin.send(
      new CreateBucketCommand({
        Bucket: 'states',
        CreateBucketConfiguration: { LocationConstraint: 'eu-north-1' },
      }),
    );
    await admin.send(new PutObjectCommand({ Bucket: 'states', Key: 'shop/dev/s', Body: 'x' }));
    await admin.send(new PutObjectCommand({ Bucket: 'states', Key: 'shop/prod/s', Body: 'x' }));
    const { keys, name } = await holding([allow('s3:GetObject', 'arn:aws:s3:::states/shop/dev/*')]);
    const s3 = new S3Client({ ...configuration(keys), forcePathStyle: true });
    const get = (Key: string) => outcomeOf(s3.send(new GetObjectCommand({ Bucket: 'states', Key })));
    expect(await get('shop/dev/s')).toBe('allowed');
    expect(await get('shop/prod/s')).toMatch(
      /^403 AccessDenied: User: .* s3:GetObject on resource: "arn:aws:s3:::states\/shop\/prod\/s" because/,
    );
    expect(
      await outcomeOf(s3.send(new PutObjectCommand({ Bucket: 'states', Key: 'shop/dev/s', Body: 'a body' }))),
    ).toMatch(/^403 AccessDenied/);
    await admin.send(
      new PutBucketPolicyCommand({
        Bucket: 'states',
        Policy: document({
          Effect: 'Deny',
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::states/*',
          Principal: { AWS: `arn:aws:iam::${account}:role/${name}` },
        }),
      }),
    );
    expect(await get('shop/dev/s')).toMatch(/with an explicit deny in a resource-based policy/);
    await admin.send(new DeleteBucketPolicyCommand({ Bucket: 'states' }));
  });

  it('knows who it is, and is nobody with a token of somebody else or an unknown key', async () => {
    const { keys, name } = await holding([]);
    const identity = await new STSClient(configuration(keys)).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:sts::${account}:assumed-role/${name}/test`);
    const wrong = { ...keys, sessionToken: 'another' };
    expect(
      await outcomeOf(new STSClient(configuration(wrong)).send(new GetCallerIdentityCommand({}))),
    ).toMatch(/^403 InvalidClientTokenId/);
    const unknown = { accessKeyId: 'ASIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x', sessionToken: 'y' };
    expect(await outcomeOf(new EC2Client(configuration(unknown)).send(new DescribeVpcsCommand({})))).toMatch(
      /^401 AuthFailure/,
    );
  });

  it('has what is attached to it, from the next call on', async () => {
    const { keys, name } = await holding([]);
    const look = () =>
      outcomeOf(new AutoScalingClient(configuration(keys)).send(new DescribeAutoScalingGroupsCommand({})));
    expect(await look()).toMatch(/^403 AccessDenied/);
    const policy = 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess';
    await new IAMClient(configuration()).send(
      new AttachRolePolicyCommand({ RoleName: name, PolicyArn: policy }),
    );
    expect(await look()).toBe('allowed');
  });
});

suite('items of a table', () => {
  it('are bound by their partition key', async () => {
    const administrators = new DynamoDBClient(configuration());
    await administrators.send(
      new CreateTableCommand({
        TableName: 'locks',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
      }),
    );
    const table = `arn:aws:dynamodb:eu-north-1:${account}:table/locks`;
    const own = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['states/shop/dev/*'] } };
    const { keys } = await holding([allow(['dynamodb:PutItem', 'dynamodb:BatchWriteItem'], table, own)]);
    const dynamo = new DynamoDBClient(configuration(keys));
    const item = (of: string) => ({ LockID: { S: `states/shop/${of}/terraform.tfstate` } });
    const put = (of: string) =>
      outcomeOf(dynamo.send(new PutItemCommand({ TableName: 'locks', Item: item(of) })));
    const putMany = (...of: string[]) =>
      outcomeOf(
        dynamo.send(
          new BatchWriteItemCommand({
            RequestItems: { locks: of.map((each) => ({ PutRequest: { Item: item(each) } })) },
          }),
        ),
      );
    expect(await put('dev')).toBe('allowed');
    expect(await put('prod')).toMatch(
      /^400 AccessDeniedException: .* perform: dynamodb:PutItem on resource: .*:table\/locks /,
    );
    expect(await putMany('dev')).toBe('allowed');
    expect(await putMany('dev', 'prod')).toMatch(/^400 AccessDeniedException: .*:table\/locks /);
  });
});

suite('a user', () => {
  it('may do what its groups may, until it leaves them', async () => {
    const iam = new IAMClient(configuration());
    const names = { UserName: 'reader', GroupName: 'readers' };
    await iam.send(new CreateUserCommand(names));
    await iam.send(new CreateGroupCommand(names));
    await iam.send(
      new AttachGroupPolicyCommand({
        ...names,
        PolicyArn: 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly',
      }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand(names));
    const keys = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    };
    const look = () =>
      outcomeOf(new ECRClient(configuration(keys)).send(new DescribeRepositoriesCommand({})));
    expect(await look()).toMatch(/^400 AccessDeniedException: User: .*:user\/reader is not authorized/);
    await iam.send(new AddUserToGroupCommand(names));
    expect(await look()).toBe('allowed');
    await iam.send(new RemoveUserFromGroupCommand(names));
    expect(await look()).toMatch(/^400 AccessDeniedException/);
  });
});

suite('tags of what is made', () => {
  it('are asked for on what gets them, a target group for instance', async () => {
    const group = 'arn:aws:elasticloadbalancing:*:*:targetgroup/shop-dev/*';
    const { keys } = await holding([
      allow('elasticloadbalancing:CreateTargetGroup', '*'),
      allow('elasticloadbalancing:AddTags', group),
    ]);
    const elb = new ElasticLoadBalancingV2Client(configuration(keys));
    const make = (Name: string) =>
      outcomeOf(
        elb.send(
          new CreateTargetGroupCommand({
            Name,
            Port: 80,
            Protocol: 'HTTP',
            TargetType: 'lambda',
            Tags: [{ Key: 'a', Value: 'b' }],
          }),
        ),
      );
    expect(await make('shop-prod')).toMatch(
      /elasticloadbalancing:AddTags on resource: .*:targetgroup\/shop-prod\/\* /,
    );
    expect(await make('shop-dev')).not.toMatch(/AccessDenied/);
  });
});

suite('a change of IAM', () => {
  it('that is late to be known is asked for with --iam-delay', async () => {
    const slow = await startTestCloud({ iam: { delaySeconds: 5 } });
    try {
      const there = { ...configuration(), endpoint: slow.endpoint };
      await new IAMClient(there).send(
        new CreateRoleCommand({ RoleName: 'new', AssumeRolePolicyDocument: trustOf(account) }),
      );
      const assumeNew = () =>
        outcomeOf(
          new STSClient(there).send(
            new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/new`, RoleSessionName: 'test' }),
          ),
        );
      expect(await assumeNew()).toMatch(/^403 AccessDenied/);
      await eventually('the role is known', async () => (await assumeNew()) === 'allowed');
    } finally {
      await slow.close();
    }
  });

  it('and none of it counts with --iam off', async () => {
    const open = await startTestCloud({ iam: { enforced: false } });
    try {
      const { keys } = await holding([]);
      const there = { ...configuration(keys), endpoint: open.endpoint };
      expect(
        await outcomeOf(new ECRClient(there).send(new CreateRepositoryCommand({ repositoryName: 'any' }))),
      ).toBe('allowed');
    } finally {
      await open.close();
    }
  });
});
