/** What the role for pull requests may do, and for whom: asked of an evaluator of IAM's policies. */
import { beforeAll, expect, it } from '@jest/globals';
import { describeWith } from '../../support/tools.ts';
import type { Policies } from './rendered.ts';
import { allows, renderPolicies } from './rendered.ts';

const here = (service: string, rest: string) => `arn:aws:${service}:eu-north-1:123456789012:${rest}`;
const bucket = 'asg-deploy-123456789012-eu-north-1';
const state = `arn:aws:s3:::${bucket}/shop/dev/terraform.tfstate`;
const checksum = (environment: string) => ({
  action: 'dynamodb:GetItem',
  resource: here('dynamodb', 'table/asg-deploy-locks'),
  context: { 'dynamodb:LeadingKeys': [`${bucket}/shop/${environment}/terraform.tfstate-md5`] },
});

let plan: Policies;
let trust: string;
let all: Policies;

describeWith(['terraform'], 'a plan role', () => {
  beforeAll(async () => {
    all = await renderPolicies({
      application: 'shop',
      github: {
        ...{ repository: 'octo-org/shop', owner_id: '1', repository_id: '2' },
        ...{ plan_environments: ['dev'], plan_branches: ['main'] },
      },
    });
    plan = { plan: all['shop-dev-plan'] ?? { Statement: [] } };
    trust = JSON.stringify(all['trust of shop-dev-plan']);
  });

  it.each([
    ['reads the state', 's3:GetObject', state],
    ['reads the group', 'autoscaling:DescribeAutoScalingGroups', '*'],
    ['reads images', 'ecr:DescribeImages', here('ecr', 'repository/shop')],
    ['reads the role of the instances', 'iam:GetRole', 'arn:aws:iam::123456789012:role/shop-dev-instance'],
  ])('%s', async (_, action, resource) => {
    expect(await allows(plan, { action, resource })).toBe(true);
  });

  it.each([
    ['writes the state', 's3:PutObject', state],
    ['takes a lock', 'dynamodb:PutItem', here('dynamodb', 'table/asg-deploy-locks')],
    ['reads a secret', 'ssm:GetParameter', here('ssm', 'parameter/shop/dev/STRIPE_KEY')],
    ['reads a password', 'ssm:GetParametersByPath', here('ssm', 'parameter/shop/dev/database')],
    ['decrypts', 'kms:Decrypt', here('kms', 'key/1')],
    ['reads a console', 'ec2:GetConsoleOutput', here('ec2', 'instance/i-1')],
    ["reads another environment's state", 's3:GetObject', state.replace('/dev/', '/prod/')],
    [
      'rolls out',
      'autoscaling:StartInstanceRefresh',
      here('autoscaling', 'autoScalingGroup:1:autoScalingGroupName/shop-dev'),
    ],
  ])('never %s', async (_, action, resource) => {
    expect(await allows(plan, { action, resource })).toBe(false);
  });

  it('reads the checksum of that state, and of no other', async () => {
    expect(await allows(plan, checksum('dev'))).toBe(true);
    expect(await allows(plan, checksum('prod'))).toBe(false);
    expect(await allows(plan, checksum('dev2'))).toBe(false);
  });

  it('has no action that is anything but a read', () => {
    const actions = (plan.plan?.Statement ?? []).flatMap(
      (one) => (one as { Action: string | string[] }).Action,
    );
    expect(actions.length).toBeGreaterThan(40);
    expect(actions.filter((action) => !/^[\w-]+:(Describe|Get|List|BatchGet)/.test(action))).toEqual([]);
    expect(JSON.stringify(plan.plan).length).toBeLessThan(6144);
  });

  it('is for pull requests and the branches that are named, under both names of the repository', () => {
    const subjects = [...trust.matchAll(/"(repo:[^"]*)"/g)].map(([, subject]) => subject);
    expect(subjects.toSorted()).toEqual([
      'repo:octo-org/shop:pull_request',
      'repo:octo-org/shop:ref:refs/heads/main',
      'repo:octo-org@1/shop@2:pull_request',
      'repo:octo-org@1/shop@2:ref:refs/heads/main',
    ]);
  });

  it('is only where it is asked for', () => {
    expect(Object.keys(all).filter((name) => name.endsWith('-plan'))).toEqual([
      'shop-dev-plan',
      'trust of shop-dev-plan',
    ]);
  });
});
