/** What the deploy roles of terraform/bootstrap may do, asked of an evaluator of IAM's policies. */
import { beforeAll, expect, it } from '@jest/globals';
import { describeWith } from '../../support/tools.ts';
import type { Policies, Request } from './rendered.ts';
import { allows, ofRole, renderPolicies } from './rendered.ts';

const arn = (rest: string) => `arn:aws:ec2:eu-north-1:123456789012:${rest}`;
const tags = (kind: 'Request' | 'Resource', Environment: string, Application = 'shop') => ({
  [`aws:${kind}Tag/Application`]: Application,
  [`aws:${kind}Tag/Environment`]: Environment,
});
const template = {
  'ec2:LaunchTemplate': arn('launch-template/lt-1'),
  'ec2:IsLaunchTemplateResource': 'true',
};
const inGroup = (name: string) => ({ 'aws:ResourceTag/aws:autoscaling:groupName': name });
const groups = (name: string) => ({
  'autoscaling:TargetGroupARNs': [
    `arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/${name}/1`,
  ],
});
const group = (name: string) =>
  `arn:aws:autoscaling:eu-north-1:123456789012:autoScalingGroup:1:autoScalingGroupName/${name}`;

const rule = (balancer: string) =>
  `arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/${balancer}/1/2/3`;

let policies: Policies;

type Case = [what: string, action: string, resource: string, context?: Request['context']];

/** Of the role of dev. */
const allowed: Case[] = [
  ['makes a VPC', 'ec2:CreateVpc', arn('vpc/vpc-1'), tags('Request', 'dev')],
  ['makes a subnet', 'ec2:CreateSubnet', arn('subnet/subnet-1'), tags('Request', 'dev')],
  ['puts it into its VPC', 'ec2:CreateSubnet', arn('vpc/vpc-1'), tags('Resource', 'dev')],
  ['makes a NAT gateway', 'ec2:CreateNatGateway', arn('natgateway/nat-1'), tags('Request', 'dev')],
  ['gives it its address', 'ec2:CreateNatGateway', arn('elastic-ip/eipalloc-1'), tags('Resource', 'dev')],
  ['makes an endpoint', 'ec2:CreateVpcEndpoint', arn('vpc-endpoint/vpce-1'), tags('Request', 'dev')],
  ['lets it use its tables', 'ec2:CreateVpcEndpoint', arn('route-table/rtb-1'), tags('Resource', 'dev')],
  [
    'tags what it makes',
    'ec2:CreateTags',
    arn('vpc/vpc-1'),
    { ...tags('Request', 'dev'), 'ec2:CreateAction': 'CreateVpc' },
  ],
  [
    'changes other tags of it',
    'ec2:CreateTags',
    arn('vpc/vpc-1'),
    { ...tags('Resource', 'dev'), 'aws:RequestTag/CostCenter': '42', 'aws:TagKeys': ['CostCenter'] },
  ],
  [
    'launches from its template',
    'ec2:RunInstances',
    arn('launch-template/lt-1'),
    { ...template, ...tags('Resource', 'dev') },
  ],
  ['launches instances', 'ec2:RunInstances', arn('instance/i-1'), template],
  ['launches any image', 'ec2:RunInstances', 'arn:aws:ec2:eu-north-1::image/ami-1', template],
  ['launches into subnets', 'ec2:RunInstances', arn('subnet/subnet-1'), template],
  [
    'launches with its security groups',
    'ec2:RunInstances',
    arn('security-group/sg-1'),
    { ...template, ...tags('Resource', 'dev') },
  ],
  ['reads its consoles', 'ec2:GetConsoleOutput', arn('instance/i-1'), inGroup('shop-dev')],
  ['makes its group', 'autoscaling:CreateAutoScalingGroup', group('shop-dev'), groups('shop-dev')],
  ['updates its group', 'autoscaling:UpdateAutoScalingGroup', group('shop-dev')],
  ['sizes its second group', 'autoscaling:UpdateAutoScalingGroup', group('shop-dev-green')],
  [
    'attaches its second target group',
    'autoscaling:CreateAutoScalingGroup',
    group('shop-dev-green'),
    groups('shop-dev-green'),
  ],
  ['shifts requests', 'elasticloadbalancing:ModifyRule', rule('shop-dev')],
  ['asks for a quota', 'servicequotas:GetServiceQuota', '*'],
  ['counts requests', 'cloudwatch:GetMetricData', '*'],
  ['lists alarms', 'cloudwatch:DescribeAlarms', 'arn:aws:cloudwatch:eu-north-1:123456789012:alarm:*'],
  ['lists databases', 'rds:DescribeDBInstances', 'arn:aws:rds:eu-north-1:123456789012:db:*'],
];

const refused: Case[] = [
  ["shifts prod's requests", 'elasticloadbalancing:ModifyRule', rule('shop-prod')],
  ["shifts another application's requests", 'elasticloadbalancing:ModifyRule', rule('shop-dev2')],
  ["sizes prod's second group", 'autoscaling:UpdateAutoScalingGroup', group('shop-prod-green')],
  ['makes an untagged VPC', 'ec2:CreateVpc', arn('vpc/vpc-1')],
  ["makes a VPC of prod's", 'ec2:CreateVpc', arn('vpc/vpc-1'), tags('Request', 'prod')],
  ["makes a VPC of another application's", 'ec2:CreateVpc', arn('vpc/vpc-1'), tags('Request', 'dev', 'till')],
  [
    "puts a subnet into prod's VPC",
    'ec2:CreateSubnet',
    arn('vpc/vpc-1'),
    { ...tags('Resource', 'prod'), ...tags('Request', 'dev') },
  ],
  [
    'puts a security group into a foreign VPC',
    'ec2:CreateSecurityGroup',
    arn('vpc/vpc-1'),
    tags('Request', 'dev'),
  ],
  [
    "puts a NAT gateway into prod's subnet",
    'ec2:CreateNatGateway',
    arn('subnet/subnet-1'),
    { ...tags('Resource', 'prod'), ...tags('Request', 'dev') },
  ],
  ["gives it prod's address", 'ec2:CreateNatGateway', arn('elastic-ip/eipalloc-1'), tags('Request', 'dev')],
  [
    "lets an endpoint into prod's routes",
    'ec2:CreateVpcEndpoint',
    arn('route-table/rtb-1'),
    { ...tags('Resource', 'prod'), ...tags('Request', 'dev') },
  ],
  [
    "lets an endpoint use prod's security group",
    'ec2:CreateVpcEndpoint',
    arn('security-group/sg-1'),
    { ...tags('Resource', 'prod'), ...tags('Request', 'dev') },
  ],
  ['tags an untagged security group', 'ec2:CreateTags', arn('security-group/sg-1'), tags('Request', 'dev')],
  [
    "gives what it makes prod's tags",
    'ec2:CreateTags',
    arn('instance/i-1'),
    { ...tags('Request', 'prod'), 'ec2:CreateAction': 'RunInstances' },
  ],
  [
    "gives what it has prod's tags",
    'ec2:CreateTags',
    arn('instance/i-1'),
    { ...tags('Resource', 'dev'), ...tags('Request', 'prod') },
  ],
  ['empties an untagged security group', 'ec2:RevokeSecurityGroupEgress', arn('security-group/sg-1')],
  ['launches without a template', 'ec2:RunInstances', arn('instance/i-1'), tags('Request', 'dev')],
  [
    "launches from prod's template",
    'ec2:RunInstances',
    arn('launch-template/lt-1'),
    { ...template, ...tags('Resource', 'prod') },
  ],
  ["launches with prod's security group", 'ec2:RunInstances', arn('security-group/sg-1'), template],
  [
    'launches into a subnet by itself',
    'ec2:RunInstances',
    arn('subnet/subnet-1'),
    tags('Resource', 'dev', 'till'),
  ],
  ["reads prod's consoles", 'ec2:GetConsoleOutput', arn('instance/i-1'), inGroup('shop-prod')],
  ["reads anybody's consoles", 'ec2:GetConsoleOutput', arn('instance/i-1')],
  [
    "joins prod's target group",
    'autoscaling:AttachLoadBalancerTargetGroups',
    group('shop-dev'),
    groups('shop-prod'),
  ],
  ["changes prod's group", 'autoscaling:UpdateAutoScalingGroup', group('shop-prod')],
  ["reads prod's tags", 'rds:ListTagsForResource', 'arn:aws:rds:eu-north-1:123456789012:db:shop-prod'],
  [
    "removes the alarms of an application whose name begins like dev's",
    'cloudwatch:DeleteAlarms',
    'arn:aws:cloudwatch:eu-north-1:123456789012:alarm:shop-dev-prod-error-rate',
  ],
  [
    'hands its role to another service',
    'iam:PassRole',
    'arn:aws:iam::123456789012:role/shop-dev-instance',
    { 'iam:PassedToService': 'lambda.amazonaws.com' },
  ],
];

describeWith(['terraform'], 'a deploy role', () => {
  beforeAll(async () => {
    policies = await renderPolicies({
      application: 'shop',
      github: { repository: 'octo-org/shop', networks: { staging: 'vpc-0abc1234' } },
    });
  });

  const ask = ([, action, resource, context = {}]: Case, role = 'shop-dev') =>
    allows(ofRole(policies, role), { action, resource, context });

  it.each(allowed)('%s', async (...one) => {
    expect(await ask(one)).toBe(true);
  });

  it.each(refused)('never %s', async (...one) => {
    expect(await ask(one)).toBe(false);
  });

  it('makes security groups in a network that is named, and in no other', async () => {
    const make = (vpc: string): Case => ['', 'ec2:CreateSecurityGroup', arn(`vpc/${vpc}`)];
    const answers = [make('vpc-0abc1234'), make('vpc-0fff1234')];
    expect(await Promise.all(answers.map((one) => ask(one, 'shop-staging')))).toEqual([true, false]);
  });

  it('is of GovCloud where the region is', async () => {
    const region = 'us-gov-west-1';
    const all = await renderPolicies({
      application: 'shop',
      region,
      github: { repository: 'octo-org/shop' },
    });
    const text = JSON.stringify(all);
    expect(text).toContain('arn:aws-us-gov:ec2:us-gov-west-1:');
    expect(text).not.toMatch(/arn:aws:|eu-north-1/);
    expect(JSON.stringify(all['trust of shop-dev-deploy'])).toContain('"sts.amazonaws.com"');
  });

  it('fits into what IAM takes: 6,144 characters a policy, and ten policies a role', () => {
    for (const policy of Object.values(policies)) expect(JSON.stringify(policy).length).toBeLessThan(6144);
    expect(Object.keys(ofRole(policies, 'shop-staging')).length).toBeLessThanOrEqual(10);
  });
});
