import type { Activity, AutoScalingGroup, InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import type { AlarmState } from '../../../local-cloud/fleet/index.ts';
import {
  createSimulatedFleet,
  type FleetFault,
  type SimulatedFleet,
} from '../../../local-cloud/simulation/index.ts';
import { ApiError } from '../../../local-cloud/gateway/index.ts';
import type { Inputs } from '../../../src/inputs/table.ts';
import type { BlueGreenOutputs, TerraformOutputs } from '../../../src/core/types.ts';
import type { PreviewRequest, RolloutApi } from '../../../src/rollout/aws/api.ts';
import type {
  GroupObservation,
  ScheduledActionObservation,
} from '../../../src/rollout/model/observations.ts';
import { latencyPercentiles, type Latency, type Traffic } from '../../../src/rollout/model/traffic.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { activityOf, groupOf, markText, rolloutTag, refreshOf } from '../../../src/rollout/aws/convert.ts';
import type { ImageState } from '../../../src/image/registered.ts';
import type { Strategy } from '../../../src/rollout/strategy/index.ts';
import { rollOut } from '../../../src/rollout/roll-out.ts';
import type { Run } from '../../../src/run/run.ts';

/** A group of simulated instances on a clock that moves only when the rollout sleeps, behind the rollout's own API. */

export const groupName = 'shop-prod';
export const templateId = 'lt-0123456789abcdef0';
export const targetGroupArn =
  'arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop-prod/0123456789abcdef';

/** An answer of AWS that is an error, as the SDK throws it. */
export function awsError(name: string, message = 'said AWS', httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

/** An answer that never came. */
export function lostAnswer(): Error {
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError', $metadata: {} });
}

export interface WorldOptions {
  instances?: number;
  maxSize?: number;
  healthCheckType?: string;
  gracePeriod?: number;
  warmup?: number | undefined;
  /** Seconds of the deregistration delay. */
  drain?: number;
  maintenancePolicy?: { min: number; max: number };
  /** The version that the group is made with. */
  version?: string;
  withTargetGroup?: boolean;
}

/** repository@digest that a template version runs. */
export function imageOfVersion(version: number): string {
  return `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:${String(version).repeat(64).slice(0, 64)}`;
}

/** A group beside the first, and the rule that shares the requests out. */
export const greenName = `${groupName}-green`;
export const greenTargetGroupArn = targetGroupArn.replace('shop-prod/', 'shop-prod-green/');
const ruleArn = (name: string): string =>
  `arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener-rule/app/shop/01/23/${name}`;

export const twoGroups: BlueGreenOutputs = {
  listenerRuleArn: ruleArn('weights'),
  previewRuleArn: ruleArn('preview'),
  previewHeader: 'X-Preview-Key',
  groups: [
    { autoscalingGroupName: groupName, targetGroupArn },
    { autoscalingGroupName: greenName, targetGroupArn: greenTargetGroupArn },
  ],
  capacity: { min: 1, max: 6 },
};

/** What users ask for, and how the versions answer. */
export interface Demand {
  /** Requests a second. */
  rate: number;
  /** The share of them that a version fails, and the seconds that it takes. */
  of: (version: number) => { errors: number; seconds: number };
}

export interface Call {
  name: keyof RolloutApi;
  at: number;
}

export class SimulatedAws {
  readonly simulated: SimulatedFleet;
  readonly clock: Clock;
  readonly api: RolloutApi;
  readonly calls: Call[] = [];
  readonly alarms = new Map<string, AlarmState>();
  readonly imageStates = new Map<string, ImageState>();
  readonly lines: string[] = [];
  readonly warnings: string[] = [];
  readonly controller = new AbortController();
  /** What the rule forwards. */
  rule = {
    weights: { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 } as Record<string, number>,
    sticky: false,
  };
  /** Who may see the preview; undefined while it is closed. */
  preview: PreviewRequest | undefined;
  demand: Demand = { rate: 0, of: () => ({ errors: 0, seconds: 0.05 }) };
  scheduled: ScheduledActionObservation[] = [];
  /** vCPUs that the account may run; an instance has two. undefined: AWS has no value for it. */
  vcpuQuota: number | undefined;
  /** Every minute's requests, by the target group. */
  readonly #minutes = new Map<
    number,
    Record<string, { requests: number; errors: number; seconds: number }>
  >();
  renewals = 0;
  /** What is thrown instead of (`before`) or after doing (`after`) the next calls of an operation. */
  readonly #faults: { name: keyof RolloutApi; error: () => Error; times: number; done: boolean }[] = [];
  readonly #at: { seconds: number; act: () => unknown }[] = [];
  readonly #begin: number;
  #targetGroupArns = [targetGroupArn];

  constructor(drain: number, start = Date.UTC(2026, 10, 22, 12)) {
    this.simulated = createSimulatedFleet({
      speed: 0,
      start,
      region: 'eu-north-1',
      accountId: '123456789012',
      templates: {
        describe: (id, version) =>
          Promise.resolve({
            id,
            name: groupName,
            version: Number(version.startsWith('$') ? 2 : version),
            imageId: 'ami-1',
            instanceType: 't3.micro',
            userData: '',
          }),
      },
      alarms: { state: (name) => Promise.resolve(this.alarms.get(name)) },
      network: {
        subnets: (ids) =>
          Promise.resolve(
            ids.map((subnetId) => ({ subnetId, availabilityZone: 'eu-north-1a', cidrBlock: '10.0.0.0/16' })),
          ),
      },
      healthCheck: () => ({
        path: '/healthz',
        port: 'traffic-port',
        intervalSeconds: 10,
        timeoutSeconds: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
        matcher: '200',
        deregistrationDelaySeconds: drain,
      }),
      port: () => 8080,
    });
    this.#begin = this.simulated.clock.now() / 1000;
    this.clock = {
      now: () => this.simulated.clock.now() / 1000,
      sleep: async (seconds, signal) => {
        if (signal?.aborted) return;
        await this.advance(seconds, signal);
      },
    };
    this.api = this.#recorded(this.#reads(drain));
  }

  /** Seconds since the world was made. */
  get elapsed(): number {
    return this.simulated.clock.now() / 1000 - this.#begin;
  }

  /** Does something when so many seconds of the rollout have passed. */
  after(seconds: number, act: () => unknown): void {
    this.#at.push({ seconds: this.elapsed + seconds, act });
  }

  async advance(seconds: number, signal?: AbortSignal): Promise<void> {
    const step = seconds > 0 && seconds < 1 ? seconds : 1;
    for (let left = seconds; left > 0 && !signal?.aborted; left -= step) {
      await this.simulated.advance(Math.min(left, step));
      await this.#serve(Math.min(left, step));
      for (const event of this.#at.filter((each) => each.seconds <= this.elapsed)) {
        this.#at.splice(this.#at.indexOf(event), 1);
        await event.act();
      }
    }
  }

  /** Shares a moment's requests out as the rule says. */
  async #serve(seconds: number): Promise<void> {
    if (this.demand.rate === 0) return;
    const minute = Math.floor(this.simulated.clock.now() / 60_000);
    const row = this.#minutes.get(minute) ?? {};
    this.#minutes.set(minute, row);
    for (const [name, arn] of [
      [groupName, targetGroupArn],
      [greenName, greenTargetGroupArn],
    ] as const) {
      const requests = (this.demand.rate * seconds * (this.rule.weights[arn] ?? 0)) / 100;
      const version = Number((await this.find(name))?.template?.version ?? 0);
      const { errors, seconds: took } = this.demand.of(version);
      const before = row[arn] ?? { requests: 0, errors: 0, seconds: took };
      row[arn] = {
        requests: before.requests + requests,
        errors: before.errors + requests * errors,
        seconds: took,
      };
    }
  }

  /** A group as it is, whatever goes wrong with calls. */
  async find(name: string): Promise<GroupObservation | undefined> {
    const { AutoScalingGroups } = await this.operation('DescribeAutoScalingGroups', {
      AutoScalingGroupNames: [name],
    });
    const [group] = AutoScalingGroups as AutoScalingGroup[];
    return group === undefined || group.Status !== undefined ? undefined : groupOf(group);
  }

  fault(fault: FleetFault): void {
    this.simulated.inject(fault);
  }

  /** The next `times` calls of an operation throw; with `done` they take effect first, as when an answer is lost. */
  fail(name: keyof RolloutApi, error: () => Error, { times = 1, done = false } = {}): void {
    this.#faults.push({ name, error, times, done });
  }

  /** Calls answer again. */
  calm(): void {
    this.#faults.length = 0;
  }

  count(name: keyof RolloutApi): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** Calls an operation of the fleet's own API; leaves are strings there, as on the wire. */
  async operation(name: string, parameters: Record<string, unknown>): Promise<Record<string, unknown>> {
    const operation = this.simulated.fleet.service.operations[name];
    if (!operation) throw new Error(`the fleet has no ${name}`);
    try {
      const call = {
        service: 'autoscaling',
        operation: name,
        region: 'eu-north-1',
        accountId: '123456789012',
        requestId: 'r',
      };
      return ((await operation({ ...call, parameters: asWire(parameters) as Record<string, unknown> })) ??
        {}) as Record<string, unknown>;
    } catch (error) {
      if (error instanceof ApiError) throw awsError(error.code, error.message, error.status);
      throw error;
    }
  }

  /** The second group, which is empty, and launches what it launched last. */
  async createGreen(version = '1'): Promise<void> {
    await this.operation('CreateAutoScalingGroup', {
      AutoScalingGroupName: greenName,
      ...{ MinSize: 0, MaxSize: 6, DesiredCapacity: 0, VPCZoneIdentifier: 'subnet-1' },
      ...{ HealthCheckType: 'ELB', HealthCheckGracePeriod: 60, DefaultInstanceWarmup: 20 },
      LaunchTemplate: { LaunchTemplateId: templateId, Version: version },
      TargetGroupARNs: [greenTargetGroupArn],
    });
  }

  async createGroup(options: WorldOptions): Promise<void> {
    const { instances = 2, version = '1' } = options;
    if (options.withTargetGroup === false) this.#targetGroupArns = [];
    await this.operation('CreateAutoScalingGroup', {
      AutoScalingGroupName: groupName,
      MinSize: 0,
      MaxSize: options.maxSize ?? instances * 2,
      DesiredCapacity: instances,
      VPCZoneIdentifier: 'subnet-1',
      HealthCheckType: options.healthCheckType ?? 'ELB',
      HealthCheckGracePeriod: options.gracePeriod ?? 60,
      DefaultInstanceWarmup: 'warmup' in options ? options.warmup : 20,
      LaunchTemplate: { LaunchTemplateId: templateId, Version: version },
      TargetGroupARNs: this.#targetGroupArns,
      ...(options.maintenancePolicy && {
        InstanceMaintenancePolicy: {
          MinHealthyPercentage: options.maintenancePolicy.min,
          MaxHealthyPercentage: options.maintenancePolicy.max,
        },
      }),
    });
  }

  #recorded(api: RolloutApi): RolloutApi {
    const entries = Object.entries(api) as [keyof RolloutApi, (...parameters: unknown[]) => unknown][];
    return Object.fromEntries(
      entries.map(([name, operation]) => [
        name,
        async (...parameters: unknown[]) => {
          this.calls.push({ name, at: this.elapsed });
          const fault = this.#faults.find((each) => each.name === name && each.times > 0);
          if (fault) {
            fault.times -= 1;
            if (fault.done) await operation(...parameters);
            throw fault.error();
          }
          return operation(...parameters);
        },
      ]),
    ) as unknown as RolloutApi;
  }

  #reads(drain: number): RolloutApi {
    const { simulation } = this.simulated;
    const activities = async (group: string): Promise<Activity[]> =>
      (
        await this.operation('DescribeScalingActivities', {
          AutoScalingGroupName: group,
          MaxRecords: 100,
        })
      ).Activities as Activity[];
    const refreshes = async (group: string, parameters: object = {}): Promise<InstanceRefresh[]> =>
      (await this.operation('DescribeInstanceRefreshes', { AutoScalingGroupName: group, ...parameters }))
        .InstanceRefreshes as InstanceRefresh[];
    return {
      ...this.#ofTwoGroups(),
      group: (name) => this.find(name),
      refresh: async (group, id) =>
        (await refreshes(group, { InstanceRefreshIds: [id] })).map((each) => refreshOf(each))[0],
      refreshes: async (group) => (await refreshes(group)).map((each) => refreshOf(each)),
      activities: async (group, since) =>
        (await activities(group))
          .map(activityOf)
          .filter((each) => since === undefined || each.startTime >= since),
      recentActivities: async (group) => (await activities(group)).map(activityOf),
      targets: (arns) =>
        Promise.resolve(
          arns.flatMap((arn) =>
            simulation.targetGroups.health(arn).map((each) => ({
              targetGroupArn: arn,
              instanceId: each.instanceId,
              port: each.port,
              state: each.state,
              reason: each.reason ?? '',
              description: each.description ?? '',
            })),
          ),
        ),
      targetGroups: (arns) =>
        Promise.resolve(
          arns.map((arn) => ({
            arn,
            name: groupName,
            port: 8080,
            path: '/healthz',
            intervalSeconds: 10,
            timeoutSeconds: 5,
            healthyThreshold: 2,
            unhealthyThreshold: 2,
            deregistrationDelaySeconds: drain,
          })),
        ),
      alarms: (names) =>
        Promise.resolve(
          names.flatMap((name) => {
            const state = this.alarms.get(name);
            return state
              ? [{ name, state, reason: 'Threshold Crossed: 1 datapoint [7.0] was greater than 5.0' }]
              : [];
          }),
        ),
      hooks: async (group) => {
        const { LifecycleHooks } = await this.operation('DescribeLifecycleHooks', {
          AutoScalingGroupName: group,
        });
        return (
          LifecycleHooks as {
            LifecycleHookName: string;
            LifecycleTransition: string;
            HeartbeatTimeout: number;
          }[]
        ).map((hook) => ({
          name: hook.LifecycleHookName,
          transition: hook.LifecycleTransition,
          heartbeatTimeout: Number(hook.HeartbeatTimeout),
          defaultResult: 'ABANDON',
        }));
      },
      console: (id) => Promise.resolve(simulation.driver.console(id)),
      templateVersion: (_, version) =>
        Promise.resolve({
          version,
          machineImage: 'ami-1',
          byRequirements: false,
          instanceType: 't3.micro',
          images: [imageOfVersion(version)],
        }),
      imageState: (reference) => Promise.resolve(this.imageStates.get(reference) ?? 'there'),
      imageOutlook: () => Promise.resolve(undefined),
      vcpuQuota: () => Promise.resolve(this.vcpuQuota),
      runningInstances: async () =>
        (await Promise.all([groupName, greenName].map((name) => this.api.group(name)))).flatMap(
          (group) => group?.instances.map(({ id }) => ({ id, type: 't3.micro', spot: false })) ?? [],
        ),
      vcpus: (types) => Promise.resolve(Object.fromEntries(types.map((type) => [type, 2]))),
      start: async ({ group, desiredConfiguration, preferences }) => {
        const answer = await this.operation('StartInstanceRefresh', {
          AutoScalingGroupName: group,
          DesiredConfiguration: desiredConfiguration,
          Preferences: preferences,
        });
        return String(answer.InstanceRefreshId);
      },
      cancel: async (group) =>
        void (await this.operation('CancelInstanceRefresh', { AutoScalingGroupName: group })),
      rollBack: async (group) =>
        void (await this.operation('RollbackInstanceRefresh', { AutoScalingGroupName: group })),
      renewCredentials: () => {
        this.renewals += 1;
      },
    };
  }

  #ofTwoGroups(): Pick<
    RolloutApi,
    | 'forwardRule'
    | 'previewKey'
    | 'setForwardWeights'
    | 'setPreview'
    | 'setRolloutTo'
    | 'setSizes'
    | 'scheduledActions'
    | 'traffic'
  > {
    return {
      forwardRule: () => Promise.resolve({ ...this.rule, weights: { ...this.rule.weights } }),
      previewKey: () => Promise.resolve(this.preview?.value),
      setForwardWeights: async (_, weights) => {
        this.rule.weights = { ...weights };
      },
      setPreview: async (_, to) => {
        this.preview = to.value === undefined ? undefined : to;
      },
      setRolloutTo: async (group, mark) => {
        const tag = { ResourceId: group, ResourceType: 'auto-scaling-group', Key: rolloutTag };
        if (mark === undefined) await this.operation('DeleteTags', { Tags: [tag] });
        else await this.operation('CreateOrUpdateTags', { Tags: [{ ...tag, Value: markText(mark) }] });
      },
      setSizes: async (group, { minSize, maxSize, desired, configuration }) => {
        await this.operation('UpdateAutoScalingGroup', {
          ...{ AutoScalingGroupName: group, MinSize: minSize, MaxSize: maxSize, DesiredCapacity: desired },
          ...configuration,
        });
      },
      scheduledActions: () => Promise.resolve(this.scheduled),
      traffic: (arns, since) =>
        Promise.resolve(
          [...this.#minutes]
            .filter(([minute]) => minute >= Math.floor(since.getTime() / 60_000))
            .map(([minute, row]) => ({
              start: new Date(minute * 60_000),
              byTargetGroup: Object.fromEntries(arns.map((arn) => [arn, trafficOf(row[arn])])),
            })),
        ),
    };
  }

  run(inputs: Partial<Inputs>): Run {
    const log = {
      line: (text: string) => void this.lines.push(text),
      debug: () => undefined,
      warning: (text: string) => void this.warnings.push(text),
      secret: () => undefined,
      publish: () => undefined,
      group: <T>(_: string, work: () => Promise<T>) => work(),
    };
    return { inputs: { ...defaultInputs, ...inputs }, log, signal: this.controller.signal } as unknown as Run;
  }

  rollOut(
    version: number,
    inputs: Partial<Inputs> = {},
    extra: {
      outputs?: Partial<TerraformOutputs>;
      fetch?: typeof fetch;
      runStartedAt?: Date;
      applied?: boolean;
      api?: RolloutApi;
      strategy?: Strategy;
      onTakenBack?: () => void;
      onBegin?: () => void;
    } = {},
  ) {
    const outputs: TerraformOutputs = {
      autoscalingGroupName: groupName,
      launchTemplateId: templateId,
      launchTemplateVersion: version,
      targetGroupArns: this.#targetGroupArns,
      url: 'http://shop.example',
      repositoryUrl: '',
      alarmNames: [],
      all: {},
      ...extra.outputs,
    };
    return rollOut(this.run(inputs), outputs, undefined, {
      api: extra.api ?? this.api,
      clock: this.clock,
      runStartedAt: extra.runStartedAt ?? new Date(this.simulated.clock.now()),
      ...(extra.applied !== undefined && { applied: extra.applied }),
      ...(extra.fetch && { fetch: extra.fetch }),
      ...(extra.strategy && { strategy: extra.strategy }),
      ...(extra.onTakenBack && { onTakenBack: extra.onTakenBack }),
      ...(extra.onBegin && { onBegin: extra.onBegin }),
    });
  }

  /** Instances by version, of both groups where there are two. */
  async versions(): Promise<Record<string, number>> {
    const groups = await Promise.all([this.find(groupName), this.find(greenName)]);
    const counts: Record<string, number> = {};
    for (const { templateVersion, lifecycleState } of groups.flatMap((group) => group?.instances ?? [])) {
      if (!lifecycleState.startsWith('Terminat'))
        counts[String(templateVersion)] = (counts[String(templateVersion)] ?? 0) + 1;
    }
    return counts;
  }
}

export const defaultInputs: Partial<Inputs> = {
  application: 'shop',
  environment: 'prod',
  region: 'eu-north-1',
  autoRollback: true,
  skipMatching: false,
  onActiveRefresh: 'wait',
  onCancel: 'rollback',
  timeout: 3600,
  minHealthyPercentage: 100,
  maxHealthyPercentage: 200,
};

/** Two groups behind one rule: blue has version 1 and all requests, green is empty. */
export async function twoGroupWorld(options: WorldOptions = {}): Promise<SimulatedAws> {
  const world = new SimulatedAws(options.drain ?? 10, Math.floor(Date.now() / 60_000) * 60_000);
  await world.createGroup(options);
  await world.createGreen();
  await world.advance(90);
  return world;
}

function trafficOf(row: { requests: number; errors: number; seconds: number } | undefined): Traffic {
  const { requests = 0, errors = 0, seconds = 0 } = row ?? {};
  const latency = Object.fromEntries(latencyPercentiles.map((each) => [each, seconds])) as Latency;
  return {
    requests: Math.round(requests),
    errors: Math.round(errors),
    latency: requests > 0 ? latency : undefined,
  };
}

/** A group of healthy instances on version 1. */
export async function healthyGroup(options: WorldOptions = {}): Promise<SimulatedAws> {
  const world = new SimulatedAws(options.drain ?? 10);
  await world.createGroup(options);
  await world.advance(90);
  return world;
}

/** A group that was made this moment. */
export async function newGroup(options: WorldOptions = {}): Promise<SimulatedAws> {
  const world = new SimulatedAws(options.drain ?? 10);
  await world.createGroup(options);
  return world;
}

function asWire(value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map(asWire);
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([key, each]) => [key, asWire(each)] as const);
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
  }
  return `${value as string | number | boolean}`;
}
