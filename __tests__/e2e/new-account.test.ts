import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { runAction } from '../../scripts/runner/runner.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { clientConfiguration } from './support/client.ts';
import { emptyImage } from './support/empty-images.ts';
import { existingLoadBalancer, existingNetwork, existingTargetGroup } from './support/existing-network.ts';
import type { ExistingNetwork } from './support/existing-network.ts';
import { portOf } from './support/ports.ts';
import { actionDirectory } from './support/project.ts';

/** The first deploys in an account in which nobody has done anything: roles that AWS makes meanwhile, first quotas. */
const port = portOf(import.meta.url);
// A busy machine takes long over Terraform.
jest.setTimeout(300_000);

let cloud: CloudDescription;
let network: ExistingNetwork;
let runs: Record<'first' | 'network', Promise<StepResult>>;

beforeAll(async () => {
  cloud = await cloudUp(port, {
    options: ['--instances', 'simulated', '--speed', '20', '--account', 'new'],
  });
  network = await existingNetwork(cloud);
  await useUpNetworks();
  runs = { first: example('first'), network: deploy('network', {}) };
  // Its own test tells of a failure.
  for (const run of Object.values(runs)) run.catch(() => undefined);
});

afterAll(async () => {
  await Promise.allSettled(Object.values(runs));
  await cloudDown(port);
});

/** Makes networks until AWS makes no more. */
async function useUpNetworks(): Promise<void> {
  const ec2 = new EC2Client(clientConfiguration(cloud));
  for (let made = 1; made < 5; made += 1) await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
  ec2.destroy();
}

/** A target group that a load balancer serves. */
async function servedTargetGroup(name: string): Promise<string> {
  const arn = await existingTargetGroup(cloud, network, name);
  await existingLoadBalancer(cloud, network, { name, targetGroup: arn });
  return arn;
}

async function deploy(
  application: string,
  variables: Record<string, unknown>,
  inputs: Record<string, string> = {},
): Promise<StepResult> {
  // Its repository is there, too: what the action would make with Terraform is not what is tried here, and takes its time.
  const image = await emptyImage(cloud, application, 1);
  return runAction({
    actionDirectory,
    inputs: {
      ...{ application, environment: 'dev', command: 'redeploy', image },
      'terraform-variables': JSON.stringify(variables),
      ...inputs,
    },
    job: { workspace: actionDirectory },
    environment: { ...cloud.environment, AWS_EC2_METADATA_DISABLED: 'true' },
  });
}

/** The documented example of an own root, in the account's default network. */
async function example(application: string): Promise<StepResult> {
  const variables = {
    subnet_ids: network.subnetIds,
    security_group_ids: [network.securityGroupId],
    target_group_arn: await servedTargetGroup(application),
    instance_profile: application,
    url: 'http://127.0.0.1',
    ami_id: 'ami-0123456789abcdef0',
  };
  return deploy(application, variables, { 'terraform-directory': 'terraform/examples/minimal' });
}

it('the first group comes up although its launches race the role that AWS makes for them', async () => {
  const result = await runs.first;
  if (result.outputs.status !== 'deployed') throw new Error(result.log);
  expect(result.log).toMatch(
    /a launch failed: Access denied when attempting to assume role .*AWSServiceRoleForAutoScaling/,
  );
});

it('a network too many: the quota is named, and how it is raised', async () => {
  const result = await runs.network;
  expect(result.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'terraform-apply' });
  expect(result.log).toMatch(/VpcLimitExceeded: The maximum number of VPCs has been reached/);
  expect(result.log).toContain(
    'aws service-quotas request-service-quota-increase --region eu-north-1 --service-code vpc --quota-code L-F678F1CE',
  );
});
