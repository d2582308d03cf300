import type { Activity, InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import { activityOf, refreshOf, type observed } from '../../src/rollout/index.ts';
import type { InstanceDriver, LaunchRequest } from '../../local-cloud/fleet/index.ts';
import { LaunchFailure } from '../../local-cloud/fleet/index.ts';
import { createSimulatedFleet, type SimulatedFleet } from '../../local-cloud/simulation/index.ts';
import { Random } from './random.ts';

/** How machines, and those who use them, behave. Times are seconds; what is a duration varies from machine to machine. */
export interface Behaviour {
  /** From the launch until EC2 says running; the middle of them. */
  running: number;
  /** From running until the application answers: boot, Docker, pull, start; the middle of them. */
  booting: number;
  /** From deregistration until the last connection ends by itself; the middle of them. Infinity: only the delay ends it. */
  lastConnection: number;
  /** The share of launches that fail and are tried again. */
  failures: number;
}

/** What the owner of a group decides. */
export interface Settings {
  minHealthyPercentage: number;
  /** null: none. */
  maxHealthyPercentage: number | null;
  warmup: number;
  deregistrationDelay: number;
  checkInterval: number;
  checkpoints?: number[];
  checkpointDelay?: number;
  bakeTime?: number;
}

/** EC2's documented bucket of RunInstances: so many at once, then so many a second. */
const launchesAtOnce = 1000;
const launchesPerSecond = 2;

/** The second one is for blue/green. */
type GroupName = 'shop' | 'shop-green';
const targetGroupOf = (name: GroupName): string =>
  `arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const template = 'lt-0123456789abcdef0';
const epoch = Date.parse('2026-01-01T00:00:00Z');

/** A group on a clock that moves only here: the local cloud's own fleet engine, over machines that behave by a seed. */
export class World {
  readonly #fleet: SimulatedFleet;
  readonly #random: Random;
  readonly #behaviour: Behaviour;
  readonly #settings: Settings;
  readonly #instances: number;
  /** Seconds of the clock between two looks: the error of every time. */
  readonly #step: number;
  /** When each instance is running, in milliseconds of the clock. */
  readonly #runningAt = new Map<string, number>();
  /** Launches that the bucket holds, and when that was so. */
  #bucket = { tokens: launchesAtOnce, at: epoch };
  #version = 1;
  /** What the launches took, in seconds, as the group's activities show it. */
  readonly launches: number[] = [];

  constructor(options: { seed: number; instances: number; settings: Settings; behaviour: Behaviour }) {
    const { seed, instances, settings, behaviour } = options;
    this.#random = new Random(seed);
    this.#behaviour = behaviour;
    this.#settings = settings;
    this.#instances = instances;
    this.#step = instances > 100 ? 5 : 1;
    this.#fleet = createSimulatedFleet({
      ...{ speed: 0, start: epoch, region: 'eu-north-1', accountId: '123456789012' },
      templates: {
        describe: async (_, version) => ({
          ...{ id: template, name: 'shop', version: Number(version) },
          ...{ imageId: 'ami-0abc', instanceType: 't3.small', userData: '#!/bin/bash\n' },
        }),
      },
      alarms: { state: async () => 'OK' },
      network: {
        subnets: async (wanted) =>
          wanted.map((subnetId, index) => ({
            ...{ subnetId, availabilityZone: `eu-north-1${'abc'[index] ?? 'a'}` },
            cidrBlock: `10.${index}.0.0/16`,
          })),
      },
      settings: { bootSeconds: 0, secondsToHealthy: 0, shutdownSeconds: 5 },
      healthCheck: () => ({
        ...{ path: '/', port: 'traffic-port', timeoutSeconds: 5, matcher: '200' },
        ...{ healthyThreshold: 2, unhealthyThreshold: 2, intervalSeconds: settings.checkInterval },
        deregistrationDelaySeconds: settings.deregistrationDelay,
      }),
      wrapDriver: (driver) => this.#slow(driver),
    });
  }

  /** A driver whose machines take the time that they take here, and whose launches are limited. */
  #slow(driver: InstanceDriver): InstanceDriver {
    return {
      launch: (request) => this.#launch(driver, request),
      terminate: (id) => driver.terminate(id),
      describe: (id) => {
        const seen = driver.describe(id);
        const now = this.#fleet.clock.now();
        return seen?.state === 'running' && now < (this.#runningAt.get(id) ?? 0)
          ? { state: 'pending' }
          : seen;
      },
      console: (id) => driver.console(id),
      close: () => driver.close(),
    };
  }

  #launch(driver: InstanceDriver, request: LaunchRequest): Promise<void> {
    const { running, booting, lastConnection, failures } = this.#behaviour;
    const { checkInterval, deregistrationDelay } = this.#settings;
    const random = this.#random;
    if (random.next() < failures) throw new LaunchFailure('There is no Spot capacity available.');
    const launched = this.#queue() + random.duration(running, 0.3);
    const serving = launched + random.duration(booting, 0.25) + random.between(0, checkInterval);
    const drained = random.duration(lastConnection, 1);
    this.#runningAt.set(request.instanceId, this.#fleet.clock.now() + launched * 1000);
    this.launches.push(launched);
    // The simulation gives an instance the faults that hold when it is launched.
    this.#fleet.simulation.setFaults([
      { secondsToHealthy: serving, drainSeconds: Math.min(deregistrationDelay, drained) },
    ]);
    return driver.launch(request);
  }

  /** Seconds that a launch waits for its turn. */
  #queue(): number {
    const now = this.#fleet.clock.now();
    const refilled = this.#bucket.tokens + ((now - this.#bucket.at) / 1000) * launchesPerSecond;
    this.#bucket = { tokens: Math.min(launchesAtOnce, refilled) - 1, at: now };
    return Math.max(0, -this.#bucket.tokens / launchesPerSecond);
  }

  async #call<T>(operation: string, parameters: Record<string, unknown>): Promise<T> {
    const handler = this.#fleet.fleet.service.operations[operation];
    if (handler === undefined) throw new Error(`the fleet has no ${operation}`);
    return (await handler({
      ...{ service: 'autoscaling', operation, parameters: texts(parameters) as Record<string, unknown> },
      ...{ region: 'eu-north-1', accountId: '123456789012', requestId: operation },
    })) as T;
  }

  /** Makes the group, and lets it come up and the bucket of launches fill again. */
  async settle(): Promise<void> {
    // Nobody watches: the looks may be far apart, and far enough in time that no launch of these waits for the next ones.
    await this.#bringUp('shop', { version: '1', look: 20 });
    await this.#fleet.advance(600, 300);
  }

  /** Brings up a second group with version 2, as blue/green does. @returns seconds until all of it serve */
  async fillSecondGroup(): Promise<number> {
    const began = this.#fleet.clock.now();
    await this.#bringUp('shop-green', { version: '2', look: this.#step });
    return (this.#fleet.clock.now() - began) / 1000;
  }

  async #bringUp(name: GroupName, { version, look }: { version: string; look: number }): Promise<void> {
    await this.#call('CreateAutoScalingGroup', {
      AutoScalingGroupName: name,
      ...{ MinSize: 0, MaxSize: 2 * this.#instances, DesiredCapacity: this.#instances },
      LaunchTemplate: { LaunchTemplateId: template, Version: version },
      VPCZoneIdentifier: 'subnet-a,subnet-b,subnet-c',
      TargetGroupARNs: [targetGroupOf(name)],
      ...{ HealthCheckType: 'ELB', HealthCheckGracePeriod: 3600 },
    });
    for (let waited = 0; waited < 20_000 && !this.#isUp(name); waited += look)
      await this.#fleet.advance(look, look);
    if (!this.#isUp(name)) throw new Error(`the group of ${this.#instances} did not come up`);
  }

  #isUp(name: GroupName): boolean {
    const instances = [...(this.#fleet.fleet.state.groups.get(name)?.instances.values() ?? [])];
    const healthy = this.#fleet.simulation.targetGroups.health(targetGroupOf(name));
    return (
      instances.filter(({ lifecycle }) => lifecycle === 'InService').length === this.#instances &&
      healthy.filter(({ state }) => state === 'healthy').length === this.#instances
    );
  }

  /** Rolls the next version out. @returns seconds from the refresh's start to its end */
  async rollOut(): Promise<number> {
    this.#version += 1;
    const { checkpoints = [], checkpointDelay, bakeTime, ...settings } = this.#settings;
    await this.#call('StartInstanceRefresh', {
      AutoScalingGroupName: 'shop',
      DesiredConfiguration: {
        LaunchTemplate: { LaunchTemplateId: template, Version: String(this.#version) },
      },
      Preferences: {
        MinHealthyPercentage: settings.minHealthyPercentage,
        ...(settings.maxHealthyPercentage !== null && {
          MaxHealthyPercentage: settings.maxHealthyPercentage,
        }),
        InstanceWarmup: settings.warmup,
        ...(checkpoints.length > 0 && {
          CheckpointPercentages: checkpoints,
          CheckpointDelay: checkpointDelay,
        }),
        ...(bakeTime !== undefined && { BakeTime: bakeTime }),
      },
    });
    for (;;) {
      const refresh = this.#fleet.fleet.state.groups.get('shop')?.refreshes.at(-1);
      if (refresh?.endTime !== undefined) {
        if (refresh.status !== 'Successful')
          throw new Error(`the refresh ended as ${refresh.status}: ${refresh.statusReason ?? ''}`);
        return (refresh.endTime - (refresh.startTime ?? 0)) / 1000;
      }
      await this.#fleet.advance(this.#step, this.#step);
    }
  }

  /** What the action reads of the group before a rollout. */
  async look(): Promise<Parameters<typeof observed>[0]> {
    const name = { AutoScalingGroupName: 'shop' };
    const { Activities } = await this.#call<{ Activities: Activity[] }>('DescribeScalingActivities', {
      ...name,
      MaxRecords: 100,
    });
    const { InstanceRefreshes } = await this.#call<{ InstanceRefreshes: InstanceRefresh[] }>(
      'DescribeInstanceRefreshes',
      name,
    );
    const { warmup, deregistrationDelay } = this.#settings;
    return {
      group: {
        desired: this.#instances,
        maintenancePolicy: undefined,
        defaultInstanceWarmup: warmup,
        healthCheckGracePeriod: 0,
      },
      activities: Activities.map(activityOf),
      refreshes: InstanceRefreshes.map(refreshOf),
      targetGroups: [{ deregistrationDelaySeconds: deregistrationDelay }],
    };
  }

  async close(): Promise<void> {
    await this.#fleet.close();
  }
}

/** The query protocol has only texts. */
function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

type WorldOptions = ConstructorParameters<typeof World>[0];

/** Seconds that a rollout of a group takes. */
export function rolloutSeconds(options: WorldOptions): Promise<number> {
  return inWorld(options, (world) => world.rollOut());
}

/** Seconds until a second group as large as the one that serves is there beside it. */
export function fillSeconds(options: WorldOptions): Promise<number> {
  return inWorld(options, (world) => world.fillSecondGroup());
}

async function inWorld<T>(options: WorldOptions, work: (world: World) => Promise<T>): Promise<T> {
  const world = new World(options);
  try {
    await world.settle();
    return await work(world);
  } finally {
    await world.close();
  }
}
