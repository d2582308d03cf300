import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
} from '@aws-sdk/client-auto-scaling';
import type {
  AutoScalingGroup,
  CreateAutoScalingGroupCommandInput,
  InstanceRefresh,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { StateValue } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type _InstanceType,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { cloudDown, cloudUp } from '../../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { clientConfiguration } from './client.ts';
import { Control } from './control.ts';
import { eventually } from '../../support/eventually.ts';

export interface ServiceOptions {
  instances?: number;
  /** Versions of the launch template; the group runs the first. */
  versions?: number;
  /** Seconds of deregistration delay; without it the group has no target group. */
  drain?: number;
  /** How many of them; one when left out. */
  targetGroups?: number;
  /** The group is attached to them as traffic sources. */
  asTrafficSources?: boolean;
  /** Overrides of a mixed instances policy; `version` pins one to a version of the same template. */
  mixed?: { InstanceType: string; version?: string }[];
  /** Image by digest that the user data runs before the application's. */
  sidecar?: string;
  /** Of the launch template. */
  instanceType?: _InstanceType;
  /** What else the group is made with. */
  group?: Partial<CreateAutoScalingGroupCommandInput>;
  /** The local cloud itself answers at its address (`/_local/status`); nobody does unless asked for. */
  answers?: boolean;
  /** What the Terraform root names as guards; they are made, and are OK. */
  alarms?: string[];
  /** A second group, empty, behind one rule with the first, as the root makes it for blue/green. */
  blueGreen?: boolean;
}

const region = 'eu-north-1';
const bucket = 'states-of-these-tests';

/**
 * Services that Terraform could have made, made by API: a launch template, a group of simulated instances, and the
 * state that names them. That is all that the command `rollback` asks for, which rolls any version out without
 * building or planning, so that many rollouts can be tried side by side.
 */
export class Fleet {
  readonly cloud: CloudDescription;
  readonly control: Control;
  readonly autoScaling: AutoScalingClient;
  readonly #ec2: EC2Client;
  readonly #loadBalancing: ElasticLoadBalancingV2Client;
  readonly #cloudWatch: CloudWatchClient;
  readonly #s3: S3Client;
  readonly #port: string;
  #vpc = '';
  #balancer = '';
  #listeners = 0;

  private constructor(port: string, cloud: CloudDescription) {
    const configuration = clientConfiguration(cloud);
    this.#port = port;
    this.cloud = cloud;
    this.control = new Control(cloud);
    this.autoScaling = new AutoScalingClient(configuration);
    this.#ec2 = new EC2Client(configuration);
    this.#loadBalancing = new ElasticLoadBalancingV2Client(configuration);
    this.#cloudWatch = new CloudWatchClient(configuration);
    this.#s3 = new S3Client(configuration);
  }

  /** @param speed how many times faster than real time the instances live */
  static async up(port: string, speed: number): Promise<Fleet> {
    const options = ['--instances', 'simulated', '--speed', String(speed)];
    const fleet = new Fleet(port, await cloudUp(port, { options }));
    await fleet.#s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        CreateBucketConfiguration: { LocationConstraint: region },
      }),
    );
    const { Vpcs } = await fleet.#ec2.send(new DescribeVpcsCommand({}));
    fleet.#vpc = Vpcs?.[0]?.VpcId ?? '';
    await fleet.#balance();
    return fleet;
  }

  async down(): Promise<void> {
    for (const client of [this.autoScaling, this.#ec2, this.#loadBalancing, this.#cloudWatch, this.#s3])
      client.destroy();
    await cloudDown(this.#port);
  }

  /** Makes a service and waits until all of its instances are in service. */
  async service(application: string, options: ServiceOptions = {}): Promise<Service> {
    const { instances = 2, versions = 2, alarms = [], drain } = options;
    const group = `${application}-dev`;
    const { sidecar, instanceType } = options;
    const templateId = await this.#template(group, { versions, sidecar, instanceType });
    const targetGroups: string[] = [];
    const balancer = options.blueGreen === true ? await this.#balancerOf(application) : this.#balancer;
    for (let made = 0; drain !== undefined && made < (options.targetGroups ?? 1); made += 1)
      targetGroups.push(await this.#targetGroup(`${application}-${made + 1}`, drain, balancer));
    for (const alarm of alarms) await this.alarm(alarm, 'OK');
    await this.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: group,
        MinSize: 0,
        MaxSize: 2 * instances,
        DesiredCapacity: instances,
        DefaultInstanceWarmup: 0,
        AvailabilityZones: [`${region}a`, `${region}b`],
        ...launching(templateId, options),
        InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
        ...(drain !== undefined && {
          ...(options.asTrafficSources === true
            ? { TrafficSources: targetGroups.map((arn) => ({ Identifier: arn, Type: 'elbv2' })) }
            : { TargetGroupARNs: targetGroups }),
          HealthCheckType: 'ELB',
          HealthCheckGracePeriod: 60,
        }),
        ...options.group,
      }),
    );
    const outputs = {
      ...(options.blueGreen === true && {
        blue_green: await this.#green(application, {
          templateId,
          instances,
          drain: drain ?? 10,
          blue: targetGroups[0] ?? '',
          balancer,
          options,
        }),
      }),
      autoscaling_group_name: group,
      launch_template_id: templateId,
      launch_template_version: versions,
      target_group_arns: targetGroups,
      url: options.answers ? this.cloud.endpoint : 'http://127.0.0.1:9',
      repository_url: 'registry.example.com/shop',
      alarm_names: alarms,
    };
    const service = new Service(this, { application, templateId, outputs });
    await service.setOutputs({});
    await service.settle(instances);
    return service;
  }

  async #template(
    name: string,
    {
      versions,
      sidecar,
      instanceType: InstanceType = 't3.micro',
    }: { versions: number } & {
      [each in 'sidecar' | 'instanceType']: ServiceOptions[each] | undefined;
    },
  ): Promise<string> {
    const before = sidecar === undefined ? '' : `docker run ${sidecar}\n`;
    const data = (version: number) => ({
      ImageId: 'ami-0123456789abcdef0',
      InstanceType,
      UserData: Buffer.from(
        `#!/bin/bash\n${before}docker run registry.example.com/shop@sha256:${String(version).padStart(64, '0')}\n`,
      ).toString('base64'),
    });
    const { LaunchTemplate } = await this.#ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData: data(1) }),
    );
    for (let version = 2; version <= versions; version += 1)
      await this.#ec2.send(
        new CreateLaunchTemplateVersionCommand({
          LaunchTemplateName: name,
          LaunchTemplateData: data(version),
        }),
      );
    return LaunchTemplate?.LaunchTemplateId ?? '';
  }

  /** One load balancer for all: without it no target would ever be checked. */
  async #balance(): Promise<void> {
    const { Subnets = [] } = await this.#ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
    );
    const { LoadBalancers } = await this.#loadBalancing.send(
      new CreateLoadBalancerCommand({
        Name: 'services',
        Subnets: Subnets.map(({ SubnetId }) => SubnetId ?? ''),
      }),
    );
    this.#balancer = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  }

  /** A load balancer of its own: what users ask of it is asked of this service alone. */
  async #balancerOf(name: string): Promise<string> {
    const { Subnets = [] } = await this.#ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
    );
    const { LoadBalancers } = await this.#loadBalancing.send(
      new CreateLoadBalancerCommand({ Name: name, Subnets: Subnets.map(({ SubnetId }) => SubnetId ?? '') }),
    );
    return LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  }

  /** The second group, empty, and the two rules; the output that tells of them. */
  async #green(
    application: string,
    of: {
      templateId: string;
      instances: number;
      drain: number;
      blue: string;
      balancer: string;
      options: ServiceOptions;
    },
  ): Promise<unknown> {
    const { templateId, instances, drain, blue, balancer, options } = of;
    const name = `${application}-dev-green`;
    const green = await this.#targetGroup(`${application}-green`, drain, undefined);
    const { Listeners = [] } = await this.#loadBalancing.send(
      new DescribeListenersCommand({ LoadBalancerArn: balancer }),
    );
    const rule = async (Priority: number, Conditions: RuleCondition[], weights: [number, number]) => {
      const { Rules } = await this.#loadBalancing.send(
        new CreateRuleCommand({
          ...{ ListenerArn: Listeners[0]?.ListenerArn ?? '', Priority, Conditions },
          Actions: [
            {
              Type: 'forward',
              ForwardConfig: {
                TargetGroups: [
                  { TargetGroupArn: blue, Weight: weights[0] },
                  { TargetGroupArn: green, Weight: weights[1] },
                ],
              },
            },
          ],
        }),
      );
      return Rules?.[0]?.RuleArn ?? '';
    };
    const preview = await rule(
      10,
      [
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Preview-Key', Values: ['closed'] } },
        { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.1/32'] } },
      ],
      [0, 100],
    );
    const main = await rule(20, [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }], [100, 0]);
    await this.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        ...{ MinSize: 0, MaxSize: 2 * instances, DesiredCapacity: 0, DefaultInstanceWarmup: 0 },
        AvailabilityZones: [`${region}a`, `${region}b`],
        ...launching(templateId, options),
        ...{ TargetGroupARNs: [green], HealthCheckType: 'ELB', HealthCheckGracePeriod: 60 },
        ...options.group,
      }),
    );
    return {
      ...{ listener_rule_arn: main, preview_rule_arn: preview, preview_header: 'X-Preview-Key' },
      groups: [
        { autoscaling_group_name: `${application}-dev`, target_group_arn: blue },
        { autoscaling_group_name: name, target_group_arn: green },
      ],
      capacity: { min: 1, max: 2 * instances },
    };
  }

  /** Weights of a rule, by target group. */
  async weights(ruleArn: string): Promise<Record<string, number>> {
    const { Rules = [] } = await this.#loadBalancing.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
    const groups = Rules[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    return Object.fromEntries(groups.map(({ TargetGroupArn = '', Weight = 0 }) => [TargetGroupArn, Weight]));
  }

  async #targetGroup(name: string, drain: number, balancer: string | undefined): Promise<string> {
    const { TargetGroups } = await this.#loadBalancing.send(
      new CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: 3000,
        VpcId: this.#vpc,
        HealthCheckPath: '/healthz',
        HealthCheckIntervalSeconds: 10,
        UnhealthyThresholdCount: 2,
      }),
    );
    const arn = TargetGroups?.[0]?.TargetGroupArn ?? '';
    await this.#loadBalancing.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: arn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(drain) }],
      }),
    );
    if (balancer === undefined) return arn;
    this.#listeners += 1;
    await this.#loadBalancing.send(
      new CreateListenerCommand({
        ...{ LoadBalancerArn: balancer, Protocol: 'HTTP', Port: 3000 + this.#listeners },
        DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
      }),
    );
    return arn;
  }

  async writeState(
    application: string,
    values: Record<string, unknown>,
    secrets: Record<string, unknown>,
  ): Promise<void> {
    const outputs = [
      ...Object.entries(values).map(([name, value]) => [name, { value, type: 'dynamic' }]),
      ...Object.entries(secrets).map(([name, value]) => [name, { value, type: 'dynamic', sensitive: true }]),
    ];
    await this.#s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `${application}/dev/terraform.tfstate`,
        Body: JSON.stringify({ version: 4, outputs: Object.fromEntries(outputs) as unknown }),
      }),
    );
  }

  /** Makes the alarm if it is not there, and brings it into the state. */
  async alarm(name: string, state: StateValue): Promise<void> {
    await this.#cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        Namespace: 'Shop',
        MetricName: 'Errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        // There is no data: what is set by hand stays, where AWS would soon say what the data says.
        TreatMissingData: 'ignore',
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await this.#cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: `${state} for a test` }),
    );
  }
}

/** What the group launches: the template's first version, by itself or in a policy with Spot instances. */
function launching(
  templateId: string,
  { mixed }: ServiceOptions,
): Partial<CreateAutoScalingGroupCommandInput> {
  const template = { LaunchTemplateId: templateId, Version: '1' };
  if (mixed === undefined) return { LaunchTemplate: template };
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: template,
        Overrides: mixed.map(({ InstanceType, version }) => ({
          InstanceType,
          ...(version !== undefined && {
            LaunchTemplateSpecification: { LaunchTemplateId: templateId, Version: version },
          }),
        })),
      },
      InstancesDistribution: {
        OnDemandPercentageAboveBaseCapacity: 0,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
    },
  };
}

/** One of the fleet's services: an application in the environment dev. */
export class Service {
  readonly application: string;
  readonly group: string;
  readonly templateId: string;
  readonly fleet: Fleet;
  readonly #outputs: Record<string, unknown>;

  constructor(
    fleet: Fleet,
    of: { application: string; templateId: string; outputs: Record<string, unknown> },
  ) {
    this.fleet = fleet;
    this.application = of.application;
    this.group = `${of.application}-dev`;
    this.templateId = of.templateId;
    this.#outputs = of.outputs;
  }

  /** What the Terraform state says. */
  get outputs(): Readonly<Record<string, unknown>> {
    return this.#outputs;
  }

  /** Has the Terraform state say otherwise, and hold secrets. */
  setOutputs(change: Record<string, unknown>, secrets: Record<string, unknown> = {}): Promise<void> {
    return this.fleet.writeState(this.application, { ...this.#outputs, ...change }, secrets);
  }

  /** Waits until the group has so many instances, all of them in service. */
  async settle(instances: number): Promise<void> {
    await eventually(
      `${this.group} with ${instances} instances in service`,
      async () => {
        const there = (await this.look()).Instances ?? [];
        return (
          there.length === instances && there.every(({ LifecycleState }) => LifecycleState === 'InService')
        );
      },
      { everyMilliseconds: 500 },
    );
  }

  async find(): Promise<AutoScalingGroup | undefined> {
    const answer = await this.fleet.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.group] }),
    );
    return answer.AutoScalingGroups?.[0];
  }

  async look(): Promise<AutoScalingGroup> {
    const found = await this.find();
    if (found === undefined) throw new Error(`${this.group} is gone`);
    return found;
  }

  /** Newest first. */
  async refreshes(): Promise<InstanceRefresh[]> {
    const { InstanceRefreshes = [] } = await this.fleet.autoScaling.send(
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: this.group }),
    );
    return InstanceRefreshes;
  }

  /** Makes simulated instances of this group go wrong; those of version 2 unless told otherwise. */
  async fault(fault: Record<string, unknown>, templateVersion = 2): Promise<void> {
    await this.fleet.control.fault({ fleet: { group: this.group, templateVersion, ...fault } });
  }

  /** Makes the next calls about this group go wrong. */
  async callFault(operation: string, fault: Record<string, unknown>): Promise<void> {
    await this.fleet.control.fault({
      service: 'autoscaling',
      operation,
      parameters: { AutoScalingGroupName: this.group },
      ...fault,
    });
  }
}

export { bucket as stateBucket };
