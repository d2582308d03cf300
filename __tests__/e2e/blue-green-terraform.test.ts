/**
 * Terraform around blue/green: turned on for a service that runs, between and in the middle of rollouts, and off again.
 * What a rollout does is done here by the API, as anybody could.
 */
import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import { clientConfiguration } from './support/client.ts';
import { company, type Company } from './support/company.ts';
import { eventually } from '../support/eventually.ts';
import { portOf } from './support/ports.ts';
import type { PlannedChange } from './support/root-of-commit.ts';
import { RootOfCommit } from './support/root-of-commit.ts';

const port = portOf(import.meta.url);
jest.setTimeout(600_000);

interface BlueGreen {
  listener_rule_arn: string;
  preview_rule_arn: string;
  preview_header: string;
  groups: { autoscaling_group_name: string; target_group_arn: string }[];
  capacity: { min: number; max: number };
}

/** On somebody else's load balancer: one of its own takes Terraform a minute to make. upgrade.slow.test.ts has one. */
const rolling = ({ network, listenerArn }: Company) => ({
  application: 'shop',
  environment: 'dev',
  image: `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:${'a'.repeat(64)}`,
  capacity: { min: 2, max: 6 },
  network: { existing: { vpc_id: network.vpcId, private_subnet_ids: network.subnetIds } },
  service: { cpu_target_percent: 60, requests_per_target: 1000 },
  load_balancer: { shared: { listener_arn: listenerArn, priority: 100, paths: ['/shop/*'] } },
  observability: { dashboard: true, people_alarms: true },
});

let values: ReturnType<typeof rolling>;
let root: RootOfCommit;
let autoScaling: AutoScalingClient;
let balancing: ElasticLoadBalancingV2Client;
let moved: BlueGreen;

const done = (changes: readonly PlannedChange[]): string[] =>
  changes
    .filter(({ change }) => change.actions.join() !== 'no-op')
    .map(({ address, change }) => `${change.actions.join()} ${address.replace('module.service.', '')}`)
    .toSorted();

type Sizes = Omit<UpdateAutoScalingGroupCommandInput, 'AutoScalingGroupName'>;

const size = (name: string, sizes: Sizes) =>
  autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...sizes }));

async function weigh(...weights: number[]): Promise<void> {
  const TargetGroups = moved.groups.map((group, index) => ({
    TargetGroupArn: group.target_group_arn,
    Weight: weights[index] ?? 0,
  }));
  await balancing.send(
    new ModifyRuleCommand({
      RuleArn: moved.listener_rule_arn,
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    }),
  );
}

async function openPreview(targetGroup: string | undefined): Promise<void> {
  const header = { HttpHeaderName: moved.preview_header, Values: ['a-key-of-this-rollout'] };
  await balancing.send(
    new ModifyRuleCommand({
      RuleArn: moved.preview_rule_arn,
      Conditions: [{ Field: 'http-header', HttpHeaderConfig: header }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroup }],
    }),
  );
}

const group = async (name: string) => {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  const [found] = (await autoScaling.send(command)).AutoScalingGroups ?? [];
  return found;
};

const rule = async (arn: string) => {
  const [found] = (await balancing.send(new DescribeRulesCommand({ RuleArns: [arn] }))).Rules ?? [];
  return found;
};

const weightsOf = (found: Rule | undefined): (number | undefined)[] => {
  const groups = found?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
  return moved.groups.map(
    ({ target_group_arn: arn }) => groups.find(({ TargetGroupArn }) => TargetGroupArn === arn)?.Weight,
  );
};

beforeAll(async () => {
  const cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '60'] });
  const options = clientConfiguration(cloud);
  autoScaling = new AutoScalingClient(options);
  balancing = new ElasticLoadBalancingV2Client(options);
  values = rolling(await company(cloud));
  root = await RootOfCommit.today(cloud, values);
  await root.apply();
});

afterAll(async () => {
  autoScaling.destroy();
  balancing.destroy();
  await cloudDown(port);
  await root.remove();
});

/** What a plan would do. */
async function planned(strategy: string): Promise<string[]> {
  await root.change({ ...values, rollout: { strategy } });
  return done(await root.plan());
}

const instances = async (name: string) =>
  (await group(name))?.Instances?.map(({ InstanceId }) => InstanceId).toSorted();

describe('blue/green in Terraform', () => {
  it('is turned on beside what serves, which stays as it is', async () => {
    const before = await instances('shop-dev');
    expect(before).toHaveLength(2);
    expect(await planned('blue-green')).toEqual([
      'create aws_autoscaling_group.service["green"]',
      'create aws_autoscaling_policy.cpu["green"]',
      'create aws_autoscaling_policy.requests["green"]',
      'create aws_cloudwatch_metric_alarm.error_rate["green"]',
      'create aws_cloudwatch_metric_alarm.latency["green"]',
      'create aws_cloudwatch_metric_alarm.people["cpu-green"]',
      'create aws_lb_listener_rule.preview[0]',
      'create aws_lb_listener_rule.weights[0]',
      'create aws_lb_target_group.service["green"]',
      'update aws_cloudwatch_dashboard.main[0]',
      'update aws_cloudwatch_metric_alarm.healthy_hosts',
      'update aws_cloudwatch_metric_alarm.people["no-healthy-host"]',
      'update aws_iam_role_policy.instance',
    ]);
    await root.applyPlan();
    moved = (await root.output('blue_green')) as BlueGreen;
    expect(moved).toMatchObject({
      groups: [{ autoscaling_group_name: 'shop-dev' }, { autoscaling_group_name: 'shop-dev-green' }],
      capacity: { min: 2, max: 6 },
    });
    expect(await instances('shop-dev')).toEqual(before);
    expect(await group('shop-dev-green')).toMatchObject({ MinSize: 0, DesiredCapacity: 0, MaxSize: 6 });
    expect(weightsOf(await rule(moved.listener_rule_arn))).toEqual([100, 0]);
  });

  it('leaves sizes, versions, weights and the preview to the rollout, in the middle of one and after it', async () => {
    const [, green] = moved.groups;
    await size('shop-dev', { MinSize: 4, DesiredCapacity: 4 });
    const LaunchTemplateId = (await root.output('launch_template_id')) as string;
    const LaunchTemplate = { LaunchTemplateId, Version: '$Latest' };
    await size('shop-dev-green', { MinSize: 4, DesiredCapacity: 4, MaxSize: 8, LaunchTemplate });
    await weigh(90, 10);
    await openPreview(green?.target_group_arn);
    const tag = { ResourceId: 'shop-dev-green', ResourceType: 'auto-scaling-group' };
    await autoScaling.send(
      new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'asg-deploy:rollout-to', Value: '2' }] }),
    );
    await root.expectNoChanges();

    await size('shop-dev-green', { MinSize: 2, MaxSize: 6 });
    await size('shop-dev', { MinSize: 0, DesiredCapacity: 0 });
    await weigh(0, 100);
    await root.expectNoChanges();
  });

  it('is not turned off while green has instances', async () => {
    await expect(planned('rolling')).rejects.toThrow(
      /shop-dev-green, and 4\s+of\s+its\s+instances\s+run[^]*deploy\s+another\s+version/,
    );
  });

  it('is turned off while blue serves, takes only what was beside it, and sizes that again', async () => {
    await size('shop-dev', { MinSize: 1, DesiredCapacity: 3, MaxSize: 9 });
    await weigh(100, 0);
    await size('shop-dev-green', { MinSize: 0, DesiredCapacity: 0 });
    await eventually(
      'green without an instance',
      async () => (await instances('shop-dev-green'))?.length === 0,
    );
    const before = await instances('shop-dev');
    const changes = await planned('rolling');
    expect(changes.filter((change) => !change.startsWith('update'))).toEqual([
      'delete aws_autoscaling_group.service["green"]',
      'delete aws_autoscaling_policy.cpu["green"]',
      'delete aws_autoscaling_policy.requests["green"]',
      'delete aws_cloudwatch_metric_alarm.error_rate["green"]',
      'delete aws_cloudwatch_metric_alarm.latency["green"]',
      'delete aws_cloudwatch_metric_alarm.people["cpu-green"]',
      'delete aws_lb_listener_rule.preview[0]',
      'delete aws_lb_listener_rule.weights[0]',
      'delete aws_lb_target_group.service["green"]',
    ]);
    expect(changes).toContain('update aws_autoscaling_group.service["blue"]');
    await root.applyPlan();
    expect(await instances('shop-dev')).toEqual(before);
    expect(await group('shop-dev')).toMatchObject({ MinSize: 2, DesiredCapacity: 3, MaxSize: 6 });
  });
});
