/** The fleet: the engine, run against a driver and a load balancer, and its API. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Service } from '../gateway/index.ts';
import { createService, type FleetContext, type Network } from './api/index.ts';
import {
  type Alarms,
  type Clock,
  type Effect,
  type FleetState,
  type InstanceDriver,
  type InstanceState,
  LaunchFailure,
  type Observations,
  type Step,
  stepFleet,
  type TargetHealth,
  type TargetRegistry,
  templateOf,
  type Templates,
} from './engine/index.ts';
import { Lookups } from './lookups.ts';

/** The world that a fleet lives in. */
export interface FleetOptions {
  clock: Clock;
  driver: InstanceDriver;
  templates: Templates;
  targetGroups: TargetRegistry;
  alarms: Alarms;
  network: Network;
  region: string;
  accountId: string;
  log?: (line: string) => void;
  /** Instance ids and UUIDs; random unless given. */
  newId?: (kind: 'instance' | 'uuid') => string;
  /** Real milliseconds for which a looked-up `$Latest` or alarm state is good enough; a launch asks again. */
  lookupMs?: number;
}

/** EC2 Auto Scaling: its API, and the steps that move it. */
export interface Fleet {
  service: Service;
  /** Read it, don't write it. */
  state: FleetState;
  /** One step of the engine. Resolves when its effects have been asked for, not when they have happened. */
  step(): Promise<void>;
  /** Resolves when the driver has accepted or refused every launch that it was asked for so far. */
  settled(): Promise<void>;
  /** Asks for a step soon; the caller does not wait. */
  tick(): void;
  /** Steps by itself from now on. */
  start(intervalMs: number): void;
  /** Stops stepping. Instances and driver are left to their owner. */
  close(): Promise<void>;
}

type Launch = Extract<Effect, { do: 'launch' }>;

const randomId = (kind: 'instance' | 'uuid'): string =>
  kind === 'uuid' ? randomUUID() : `i-0${randomBytes(8).toString('hex')}`;

/** A fleet without groups. It does not move until it is started or stepped. */
export function createFleet(options: FleetOptions): Fleet {
  return new RunningFleet(options);
}

class RunningFleet implements Fleet {
  readonly service: Service;
  readonly state: FleetState;
  readonly #options: FleetOptions;
  readonly #lookups: Lookups;
  readonly #launching = new Map<string, Promise<void>>();
  readonly #launched = new Set<string>();
  readonly #terminating = new Set<string>();
  #failures: { instanceId: string; statusMessage: string }[] = [];
  #lookedUpAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    const { accountId, region } = options;
    this.state = {
      accountId,
      region,
      groups: new Map(),
      deletedActivities: [],
      newId: options.newId ?? randomId,
    };
    this.#lookups = new Lookups(options.templates, options.alarms);
    const context: FleetContext = {
      state: this.state,
      clock: options.clock,
      templates: options.templates,
      targetGroups: options.targetGroups,
      alarms: { state: (name) => this.#lookups.readAlarm(name) },
      network: options.network,
      resolve: (specification) => this.#lookups.resolve(specification),
      act: (change) => this.#act(change),
    };
    this.service = createService(context, () => {
      if (this.#timer) this.tick();
    });
  }

  start(intervalMs: number): void {
    this.#timer ??= setInterval(() => this.tick(), intervalMs);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#again = false;
    await this.#running;
  }

  tick(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.step()
      .catch((error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#log(`fleet step failed: ${text}`);
      })
      .finally(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.tick();
      });
  }

  async step(): Promise<void> {
    const real = performance.now();
    if (real - this.#lookedUpAt >= (this.#options.lookupMs ?? 0)) {
      this.#lookedUpAt = real;
      await this.#lookups.refresh(this.state);
    }
    const failures = this.#failures;
    this.#failures = [];
    this.#carryOut(stepFleet(this.state, this.#options.clock.now(), this.#observe(failures)));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#launching.values());
  }

  #act<T>(change: (step: Step) => T): T {
    const now = this.#options.clock.now();
    const step: Step = { state: this.state, now, seen: this.#observe([]), effects: [] };
    const result = change(step);
    this.#carryOut(step.effects);
    return result;
  }

  #observe(launchFailures: Observations['launchFailures']): Observations {
    const { targetGroups } = this.#options;
    const targets = new Map<string, Map<string, TargetHealth>>();
    return {
      instance: (id) => this.#instanceState(id),
      targets: (arn) => {
        const known = targets.get(arn) ?? new Map(targetGroups.health(arn).map((t) => [t.instanceId, t]));
        targets.set(arn, known);
        return known;
      },
      alarm: (name) => this.#lookups.alarm(name),
      template: (specification) => this.#lookups.template(specification),
      launchFailures,
    };
  }

  /** What a driver says of an instance while its launch is under way is not yet its fate: the launch may fail. */
  #instanceState(id: string): InstanceState | undefined {
    const state = this.#options.driver.describe(id)?.state;
    if (this.#launching.has(id) && state !== 'running') return state && 'pending';
    return state ?? (this.#launched.has(id) ? 'terminated' : undefined);
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      try {
        this.#carryOutOne(effect);
      } catch (error) {
        this.#log(`${effect.do} ${effect.instanceId}: ${String(error)}`);
      }
    }
  }

  #carryOutOne(effect: Effect): void {
    const { targetGroups } = this.#options;
    switch (effect.do) {
      case 'launch':
        this.#launch(effect);
        return;
      case 'terminate':
        this.#terminate(effect.instanceId);
        return;
      case 'register':
        targetGroups.register(effect.targetGroupArn, effect.instanceId);
        return;
      case 'deregister':
        targetGroups.deregister(effect.targetGroupArn, effect.instanceId);
        return;
    }
  }

  #launch(effect: Launch): void {
    const { instanceId } = effect;
    const launched = this.#start(effect)
      .then(() => void this.#launched.add(instanceId))
      .catch((error: unknown) => {
        const statusMessage =
          error instanceof LaunchFailure
            ? error.statusMessage
            : error instanceof Error
              ? error.message
              : String(error);
        this.#failures.push({ instanceId, statusMessage });
      })
      .finally(() => {
        this.#launching.delete(instanceId);
        if (this.#timer) this.tick();
      });
    this.#launching.set(instanceId, launched);
  }

  async #start({ instanceId, group: groupName, configuration }: Launch): Promise<void> {
    const { driver, targetGroups } = this.#options;
    const group = this.state.groups.get(groupName);
    const instance = group?.instances.get(instanceId);
    if (group === undefined || instance === undefined) return;
    // EC2 resolves it when it launches: `$Latest` is what is newest now, and what was deleted is gone.
    const template = await this.#lookups.resolve(configuration.launchTemplate);
    instance.template = templateOf(template, configuration.mixedInstancesPolicy);
    const ports = [...group.targetGroups.keys()].flatMap((arn) => targetGroups.port?.(arn) ?? []);
    const propagated = group.tags.filter((tag) => tag.propagateAtLaunch).map((tag) => [tag.key, tag.value]);
    await driver.launch({
      instanceId,
      group: groupName,
      availabilityZone: instance.availabilityZone,
      subnetId: instance.subnetId,
      privateIpAddress: instance.privateIpAddress,
      template: { ...template, instanceType: instance.template.instanceType },
      targetPorts: [...new Set(ports)],
      tags: {
        ...template.tags,
        ...(Object.fromEntries(propagated) as Record<string, string>),
        'aws:autoscaling:groupName': groupName,
      },
    });
  }

  #terminate(instanceId: string): void {
    if (this.#terminating.has(instanceId)) return;
    this.#terminating.add(instanceId);
    this.#options.driver
      .terminate(instanceId)
      .catch((error: unknown) => this.#log(`terminate ${instanceId}: ${String(error)}`))
      .finally(() => {
        this.#terminating.delete(instanceId);
        // One that is not gone yet is asked for again by the next step; asking at once would do nothing else.
        const state = this.#options.driver.describe(instanceId)?.state ?? 'terminated';
        if (this.#timer && state === 'terminated') this.tick();
      });
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}
