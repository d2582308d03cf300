import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import {
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreatePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { expect } from '@jest/globals';
import { cloudDown, cloudUp } from '../../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { runAction } from '../../../scripts/runner/runner.ts';
import type { StepResult } from '../../../scripts/runner/runner.ts';
import { clientConfiguration } from './client.ts';
import { Control } from './control.ts';
import { emptyImage } from './empty-images.ts';
import { existingNetwork } from './existing-network.ts';
import { createHostedZone, recordTypes } from './hosted-zone.ts';
import { Parameters } from './parameters.ts';
import { actionDirectory } from './project.ts';

function expectStatus(result: StepResult, status: string): void {
  if (result.outputs.status !== status) throw new Error(`${result.outputs.status}:\n${result.log}`);
}

/**
 * The bundled Terraform root with what the environments of the folder leave out, through the built action. No Docker:
 * images are empty, instances are simulated, twenty times as fast as real ones.
 */
export class Variants {
  readonly #port: string;
  readonly #cloud: CloudDescription;
  readonly #control: Control;
  readonly #ec2: EC2Client;
  readonly #balancing: ElasticLoadBalancingV2Client;
  readonly #autoScaling: AutoScalingClient;
  readonly #iam: IAMClient;

  private constructor(port: string, cloud: CloudDescription) {
    this.#port = port;
    this.#cloud = cloud;
    this.#control = new Control(cloud);
    const configuration = clientConfiguration(cloud);
    this.#ec2 = new EC2Client(configuration);
    this.#balancing = new ElasticLoadBalancingV2Client(configuration);
    this.#autoScaling = new AutoScalingClient(configuration);
    this.#iam = new IAMClient(configuration);
  }

  /** In a cloud of their own. */
  static async begin(port: string): Promise<Variants> {
    return new Variants(
      port,
      await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] }),
    );
  }

  async end(): Promise<void> {
    for (const client of [this.#ec2, this.#balancing, this.#autoScaling, this.#iam]) client.destroy();
    await cloudDown(this.#port);
  }

  async #action(
    application: string,
    inputs: Record<string, string>,
    variables: Record<string, unknown>,
  ): Promise<StepResult> {
    return runAction({
      actionDirectory,
      inputs: {
        application,
        environment: 'dev',
        'terraform-variables': JSON.stringify(variables),
        ...inputs,
      },
      job: { workspace: actionDirectory },
      environment: { ...this.#cloud.environment, AWS_EC2_METADATA_DISABLED: 'true' },
    });
  }

  async #deploy(
    application: string,
    number: number,
    variables: Record<string, unknown>,
  ): Promise<StepResult> {
    const image = await emptyImage(this.#cloud, application, number);
    return this.#action(application, { command: 'redeploy', image }, variables);
  }

  async #destroy(application: string, variables: Record<string, unknown>): Promise<void> {
    const result = await this.#action(
      application,
      { command: 'destroy', 'confirm-destroy': `${application}-dev` },
      variables,
    );
    expectStatus(result, 'destroyed');
    const ours = { Filters: [{ Name: 'tag:Application', Values: [application] }] };
    const [{ SecurityGroups }, { Vpcs }] = await Promise.all([
      this.#ec2.send(new DescribeSecurityGroupsCommand(ours)),
      this.#ec2.send(new DescribeVpcsCommand(ours)),
    ]);
    expect([SecurityGroups, Vpcs]).toEqual([[], []]);
    expect(await new Parameters(this.#cloud).read(`/${application}/dev`)).toEqual({});
    expect(await this.#look(application)).toBeUndefined();
  }

  async #look(application: string): Promise<AutoScalingGroup | undefined> {
    const { AutoScalingGroups } = await this.#autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [`${application}-dev`] }),
    );
    return AutoScalingGroups?.[0];
  }

  /** HTTPS with a certificate of its own, endpoints instead of NAT, Graviton on the ECS-optimized system. */
  async secure(): Promise<void> {
    const zoneId = await createHostedZone(this.#cloud, 'example.com');
    const variables = {
      network: { nat: 'none', interface_endpoints: true },
      load_balancer: { https: { domain_name: 'shop.example.com', zone_id: zoneId }, access_log_days: 7 },
      service: { instance_type: 't4g.small', architecture: 'arm64', system: 'ecs' },
      observability: { dashboard: true, people_alarms: true, notification_email: 'team@example.com' },
    };
    const first = await this.#deploy('secure', 1, variables);
    expectStatus(first, 'deployed');
    expect(first.outputs.url).toBe('https://shop.example.com');
    expect(JSON.parse(first.outputs['terraform-outputs'] ?? '{}')).toMatchObject({
      platform: 'linux/arm64',
      warning: '',
    });
    await this.#expectSecureListeners();
    const { LaunchTemplateVersions } = await this.#ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'secure-dev', Versions: ['1'] }),
    );
    expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toMatchObject({
      ImageId: expect.stringMatching(/^ami-[0-9a-f]+$/) as unknown,
      InstanceType: 't4g.small',
    });
    expectStatus(await this.#deploy('secure', 1, variables), 'unchanged');
    await this.#destroy('secure', variables);
    expect((await recordTypes(this.#cloud, zoneId)).sort()).toEqual(['NS', 'SOA']);
  }

  /** Spot in a network that exists; operators change parameters meanwhile. */
  async spot(): Promise<void> {
    const network = await existingNetwork(this.#cloud);
    const variables = {
      network: {
        existing: {
          vpc_id: network.vpcId,
          public_subnet_ids: network.subnetIds,
          private_subnet_ids: network.subnetIds,
        },
      },
      service: {
        warmup_seconds: 30,
        spot: { instance_types: ['t3.small', 't3a.small'], on_demand_base: 1 },
        permissions: await this.#permissions(),
      },
      load_balancer: { health_check_interval_seconds: 5, unhealthy_threshold: 2 },
      settings: { LOG_LEVEL: 'info', GREETING: 'hello' },
      secrets: ['API_KEY'],
    };
    expectStatus(await this.#deploy('spot', 11, variables), 'deployed');
    const made = await this.#policyOf('spot');
    expect(made).toMatchObject({ version: '1', onDemand: 1, types: ['t3.small', 't3a.small'] });
    expect(await this.#permissionsOf('spot-dev-instance')).toEqual(['instance', 'orders', 'uploads']);

    const parameters = new Parameters(this.#cloud);
    expect(await parameters.read('/spot/dev')).toEqual({
      LOG_LEVEL: 'info',
      GREETING: 'hello',
      API_KEY: 'NOT_SET_YET',
    });
    await parameters.overwrite('/spot/dev/LOG_LEVEL', 'debug');
    await parameters.overwrite('/spot/dev/API_KEY', 'an operator’s');
    expectStatus(await this.#deploy('spot', 11, variables), 'unchanged');

    const without = { ...variables, settings: { LOG_LEVEL: 'info' } };
    expectStatus(await this.#deploy('spot', 12, without), 'deployed');
    expect(await parameters.read('/spot/dev')).toEqual({ LOG_LEVEL: 'debug', API_KEY: 'an operator’s' });
    expect(await this.#policyOf('spot')).toEqual({ ...made, version: '2', instances: ['2', '2'] });

    await this.#control.fault({ fleet: { bootFailure: 'run', group: 'spot-dev', templateVersion: 3 } });
    const bad = await this.#deploy('spot', 13, without);
    expectStatus(bad, 'rolled-back');
    expect(await this.#policyOf('spot')).toEqual({ ...made, version: '2', instances: ['2', '2'] });
    await this.#destroy('spot', without);
  }

  /** What an application may do: a document of its own, and a policy that exists. */
  async #permissions(): Promise<object> {
    const allow = (Action: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
      });
    const { Policy } = await this.#iam.send(
      new CreatePolicyCommand({ PolicyName: 'orders', PolicyDocument: allow('sqs:SendMessage') }),
    );
    return { policies: { uploads: allow('s3:PutObject') }, policy_arns: { queue: Policy?.Arn } };
  }

  /** Names of the policies of a role, its own and those that are attached. */
  async #permissionsOf(RoleName: string): Promise<string[]> {
    const [{ PolicyNames = [] }, { AttachedPolicies = [] }] = await Promise.all([
      this.#iam.send(new ListRolePoliciesCommand({ RoleName })),
      this.#iam.send(new ListAttachedRolePoliciesCommand({ RoleName })),
    ]);
    return [...PolicyNames, ...AttachedPolicies.map(({ PolicyName = '' }) => PolicyName)].sort();
  }

  /** What a rollout must leave as it was in a mixed group, and what it moves. */
  async #policyOf(application: string) {
    const group = await this.#look(application);
    const { InstancesDistribution, LaunchTemplate } = group?.MixedInstancesPolicy ?? {};
    return {
      version: LaunchTemplate?.LaunchTemplateSpecification?.Version,
      onDemand: InstancesDistribution?.OnDemandBaseCapacity,
      strategy: InstancesDistribution?.SpotAllocationStrategy,
      types: LaunchTemplate?.Overrides?.map(({ InstanceType }) => InstanceType),
      instances: group?.Instances?.map((instance) => instance.LaunchTemplate?.Version),
    };
  }

  /** Port 80 only redirects; port 443 has a certificate and refuses old TLS. */
  async #expectSecureListeners(): Promise<void> {
    const { LoadBalancers } = await this.#balancing.send(
      new DescribeLoadBalancersCommand({ Names: ['secure-dev'] }),
    );
    const { Listeners = [] } = await this.#balancing.send(
      new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
    );
    const on = (port: number) => Listeners.find(({ Port }) => Port === port);
    expect(on(80)?.DefaultActions?.[0]).toMatchObject({
      Type: 'redirect',
      RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
    });
    expect(on(443)).toMatchObject({
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      DefaultActions: [{ Type: 'forward' }],
      Certificates: [{ CertificateArn: expect.stringMatching(/^arn:aws:acm:/) as unknown }],
    });
  }
}
