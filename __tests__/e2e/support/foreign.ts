/** What dev's deploy role must not do to prod, or to the account: calls of AWS's own clients, one for each way in. */
import {
  AutoScalingClient,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DeleteAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteItemCommand,
  DynamoDBClient,
  DeleteTableCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteVpcCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { ECRClient, DeleteRepositoryCommand } from '@aws-sdk/client-ecr';
import {
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePermissionsBoundaryCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetObjectCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

interface Client {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  maxAttempts: number;
}

export interface Attempt {
  title: string;
  attempt: (client: Client) => Promise<unknown>;
}

const states = 'asg-deploy-123456789012-eu-north-1';
const locks = 'asg-deploy-locks';
/** The item of prod's lock, or of its state's checksum. */
const itemOfProd = (of: '' | '-md5') => ({ LockID: { S: `${states}/shop/prod/terraform.tfstate${of}` } });
const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});
const ofProd = [{ Name: 'tag:Environment', Values: ['prod'] }];

const s3 = (client: Client) => new S3Client({ ...client, forcePathStyle: true });

async function vpcOfProd(ec2: EC2Client): Promise<string> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: ofProd }));
  return Vpcs?.[0]?.VpcId ?? '';
}

async function groupOfProd(ec2: EC2Client): Promise<string> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: ofProd }));
  return SecurityGroups?.[0]?.GroupId ?? '';
}

async function deleteLoadBalancer(client: Client): Promise<void> {
  const elb = new ElasticLoadBalancingV2Client(client);
  const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['shop-prod'] }));
  await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }));
}

async function changeTemplate(client: Client): Promise<void> {
  const ec2 = new EC2Client(client);
  const { LaunchTemplates } = await ec2.send(new DescribeLaunchTemplatesCommand({ Filters: ofProd }));
  const LaunchTemplateId = LaunchTemplates?.[0]?.LaunchTemplateId;
  await ec2.send(
    new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, SourceVersion: '1', LaunchTemplateData: {} }),
  );
}

async function openSecurityGroup(client: Client): Promise<void> {
  const ec2 = new EC2Client(client);
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({ GroupId: await groupOfProd(ec2), IpPermissions }),
  );
}

async function takeByTag(client: Client): Promise<void> {
  const ec2 = new EC2Client(client);
  const Tags = [{ Key: 'Environment', Value: 'dev' }];
  await ec2.send(new CreateTagsCommand({ Resources: [await vpcOfProd(ec2)], Tags }));
}

const onData: Attempt[] = [
  {
    title: "read prod's state",
    attempt: (client) =>
      s3(client).send(new GetObjectCommand({ Bucket: states, Key: 'shop/prod/terraform.tfstate' })),
  },
  {
    title: "write prod's state",
    attempt: (client) =>
      s3(client).send(
        new PutObjectCommand({ Bucket: states, Key: 'shop/prod/terraform.tfstate', Body: '{}' }),
      ),
  },
  {
    title: 'open the state bucket',
    attempt: (client) => s3(client).send(new PutBucketPolicyCommand({ Bucket: states, Policy: everything })),
  },
  {
    title: "take prod's lock away",
    attempt: (client) =>
      new DynamoDBClient(client).send(new DeleteItemCommand({ TableName: locks, Key: itemOfProd('') })),
  },
  {
    title: "make prod's state unreadable",
    attempt: (client) =>
      new DynamoDBClient(client).send(
        new PutItemCommand({ TableName: locks, Item: { ...itemOfProd('-md5'), Digest: { S: 'none' } } }),
      ),
  },
  {
    title: 'delete the lock table',
    attempt: (client) => new DynamoDBClient(client).send(new DeleteTableCommand({ TableName: locks })),
  },
  {
    title: "read prod's parameters",
    attempt: (client) =>
      new SSMClient(client).send(
        new GetParameterCommand({ Name: '/shop/prod/DATABASE_URL', WithDecryption: true }),
      ),
  },
  {
    title: "write prod's parameters",
    attempt: (client) =>
      new SSMClient(client).send(
        new PutParameterCommand({ Name: '/shop/prod/A', Value: 'a', Type: 'String' }),
      ),
  },
  {
    title: 'delete the registry',
    attempt: (client) =>
      new ECRClient(client).send(new DeleteRepositoryCommand({ repositoryName: 'shop', force: true })),
  },
];

const onServices: Attempt[] = [
  {
    title: 'roll prod',
    attempt: (client) =>
      new AutoScalingClient(client).send(
        new StartInstanceRefreshCommand({ AutoScalingGroupName: 'shop-prod' }),
      ),
  },
  {
    title: 'empty prod',
    attempt: (client) =>
      new AutoScalingClient(client).send(
        new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: 'shop-prod',
          MinSize: 0,
          DesiredCapacity: 0,
        }),
      ),
  },
  { title: "delete prod's load balancer", attempt: deleteLoadBalancer },
  { title: "change prod's launch template", attempt: changeTemplate },
  { title: "open prod's security groups", attempt: openSecurityGroup },
  { title: "make prod's network its own by a tag", attempt: takeByTag },
  {
    title: "delete prod's network",
    attempt: async (client) => {
      const ec2 = new EC2Client(client);
      return ec2.send(new DeleteVpcCommand({ VpcId: await vpcOfProd(ec2) }));
    },
  },
  {
    title: "delete prod's alarms",
    attempt: (client) =>
      new CloudWatchClient(client).send(new DeleteAlarmsCommand({ AlarmNames: ['shop-prod-5xx'] })),
  },
];

const onIam: Attempt[] = [
  {
    title: 'make a role without the boundary',
    attempt: (client) =>
      new IAMClient(client).send(
        new CreateRoleCommand({ RoleName: 'shop-dev-instance', AssumeRolePolicyDocument: everything }),
      ),
  },
  {
    title: "give prod's instances a policy",
    attempt: (client) =>
      new IAMClient(client).send(
        new PutRolePolicyCommand({
          RoleName: 'shop-prod-instance',
          PolicyName: 'more',
          PolicyDocument: everything,
        }),
      ),
  },
  {
    title: 'attach a policy to itself',
    attempt: (client) =>
      new IAMClient(client).send(
        new AttachRolePolicyCommand({
          RoleName: 'shop-dev-deploy',
          PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
      ),
  },
  {
    title: 'take the boundary from a role',
    attempt: (client) =>
      new IAMClient(client).send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'shop-dev-instance' })),
  },
  {
    title: 'widen the boundary',
    attempt: (client) =>
      new IAMClient(client).send(
        new CreatePolicyVersionCommand({
          PolicyArn: role('x').replace('role/x', 'policy/shop-dev-instance-boundary'),
          PolicyDocument: everything,
          SetAsDefault: true,
        }),
      ),
  },
  {
    title: 'make a user',
    attempt: (client) => new IAMClient(client).send(new CreateUserCommand({ UserName: 'somebody' })),
  },
];

export const foreign: Attempt[] = [...onData, ...onServices, ...onIam];
