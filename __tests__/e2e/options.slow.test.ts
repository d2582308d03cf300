/**
 * The bundled root with what production users turn on, in a network that a company has: through the built action, with the
 * real provider, by deploy roles with what bootstrap grants them, on simulated instances. Each is deployed, planned again
 * without a change, and destroyed; one is rolled.
 */
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { runAction } from '../../scripts/runner/runner.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { Administrator } from './support/administrator.ts';
import { callJson, clientConfiguration } from './support/client.ts';
import { company, type Company } from './support/company.ts';
import { emptyImage } from './support/empty-images.ts';
import { deployRole, GithubJobs } from './support/github-jobs.ts';
import { portOf } from './support/ports.ts';
import { actionDirectory } from './support/project.ts';

const port = portOf(import.meta.url);
jest.setTimeout(600_000);

const application = 'options';
const repository = 'octo-org/options';

let cloud: CloudDescription;
let has: Company;
let jobs: GithubJobs;
let balancing: ElasticLoadBalancingV2Client;
let ec2: EC2Client;
let meanwhile: Record<'own' | 'shared', Promise<void>>;

async function act(
  environment: string,
  inputs: Record<string, string>,
  variables: Record<string, unknown>,
): Promise<StepResult> {
  const role = deployRole(application, environment);
  const all = { application, environment, 'role-to-assume': role, ...inputs };
  return runAction({
    actionDirectory,
    inputs: { ...all, 'terraform-variables': JSON.stringify(variables) },
    job: { workspace: actionDirectory },
    environment: {
      ...cloud.environment,
      ...jobs.variables({ repository, environment }),
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
}

async function deploy(
  [environment, number]: [string, number],
  variables: Record<string, unknown>,
  status: string,
): Promise<StepResult> {
  const image = await emptyImage(cloud, application, number);
  const result = await act(environment, { command: 'redeploy', image }, variables);
  if (result.outputs.status !== status) throw new Error(`${result.outputs.status}:\n${result.log}`);
  return result;
}

async function destroy(environment: string, variables: Record<string, unknown>): Promise<void> {
  const confirmed = { command: 'destroy', 'confirm-destroy': `${application}-${environment}` };
  const result = await act(environment, confirmed, variables);
  if (result.outputs.status !== 'destroyed') throw new Error(result.log);
}

/** The network's private subnets, with what is the same for both. */
const common = (): Record<string, unknown> => ({
  network: { existing: { vpc_id: has.network.vpcId, private_subnet_ids: has.network.subnetIds } },
  secrets: ['API_KEY'],
});

/** Everything that an own load balancer, its instances and their data can have. */
const everything = (): Record<string, unknown> => ({
  ...common(),
  load_balancer: {
    internal: true,
    ingress_prefix_list_ids: [has.prefixListId],
    security_group_ids: [has.securityGroupId],
    web_acl_arn: has.webAclArn,
    access_log_days: 7,
  },
  service: {
    security_group_ids: [has.securityGroupId],
    boot_hooks: { before: 'sysctl -w vm.max_map_count=262144', after: 'echo "$INSTANCE_ID is up"' },
  },
  encryption: { kms_key_arn: has.keyArn },
  observability: { notification_email: 'team@example.com' },
});

const sharing = (): Record<string, unknown> => ({
  ...common(),
  service: { requests_per_target: 1000 },
  load_balancer: {
    shared: { listener_arn: has.listenerArn, priority: 100, hosts: ['shop.example.com'], paths: ['/*'] },
  },
  observability: { dashboard: true },
});

async function own(): Promise<void> {
  await deploy(['dev', 1], everything(), 'deployed');
  await deploy(['dev', 1], everything(), 'unchanged');
  const { LoadBalancers } = await balancing.send(
    new DescribeLoadBalancersCommand({ Names: ['options-dev'] }),
  );
  expect(LoadBalancers?.[0]).toMatchObject({
    Scheme: 'internal',
    SecurityGroups: expect.arrayContaining([has.securityGroupId]) as unknown,
  });
  const associated = await callJson<{ WebACL: { ARN: string } }>(
    cloud,
    { service: 'wafv2', target: 'AWSWAF_20190729.GetWebACLForResource' },
    { ResourceArn: LoadBalancers?.[0]?.LoadBalancerArn },
  );
  expect(associated.WebACL.ARN).toBe(has.webAclArn);
  const { LaunchTemplateVersions } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'options-dev', Versions: ['1'] }),
  );
  expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toMatchObject({
    NetworkInterfaces: [{ Groups: expect.arrayContaining([has.securityGroupId]) as unknown }],
    BlockDeviceMappings: [{ Ebs: { Encrypted: true, KmsKeyId: has.keyArn } }],
  });
  await deploy(['dev', 2], everything(), 'deployed');
  await destroy('dev', everything());
}

async function shared(): Promise<void> {
  const rules = async () => {
    const found = await balancing.send(new DescribeRulesCommand({ ListenerArn: has.listenerArn }));
    return (found.Rules ?? []).filter(({ IsDefault }) => IsDefault !== true);
  };
  const first = await deploy(['staging', 11], sharing(), 'deployed');
  expect(first.outputs.url).toBe('http://shop.example.com');
  const { target_group_arns: groups } = JSON.parse(first.outputs['terraform-outputs'] ?? '{}') as {
    target_group_arns: string[];
  };
  expect(await rules()).toMatchObject([
    { Priority: '100', Actions: [{ Type: 'forward', TargetGroupArn: groups[0] }] },
  ]);
  await deploy(['staging', 11], sharing(), 'unchanged');
  await destroy('staging', sharing());
  expect(await rules()).toEqual([]);
  const { LoadBalancers } = await balancing.send(new DescribeLoadBalancersCommand({ Names: ['company'] }));
  expect(LoadBalancers).toHaveLength(1);
}

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
  balancing = new ElasticLoadBalancingV2Client(clientConfiguration(cloud));
  ec2 = new EC2Client(clientConfiguration(cloud));
  has = await company(cloud);
  jobs = await GithubJobs.start(cloud);
  const administrator = new Administrator(cloud);
  await administrator.makeBackend();
  const networks = { dev: has.network.vpcId, staging: has.network.vpcId };
  await administrator.bootstrap(
    application,
    { repository, environments: Object.keys(networks), networks },
    {
      grants: {
        dev: {
          kms_key_arns: [has.keyArn],
          security_group_ids: [has.securityGroupId],
          web_acl_arns: [has.webAclArn],
        },
        staging: { listener_arns: [has.listenerArn] },
      },
    },
  );
  meanwhile = { own: own(), shared: shared() };
  // What goes wrong is told by the test that waits for it.
  void Promise.allSettled(Object.values(meanwhile));
});

afterAll(async () => {
  for (const client of [balancing, ec2]) client?.destroy();
  await cloudDown(port);
  await jobs?.close();
});

it('an internal load balancer with a web ACL, prefix lists, further groups, boot hooks and a key', () =>
  meanwhile.own);

it('a rule of a shared load balancer', () => meanwhile.shared);
