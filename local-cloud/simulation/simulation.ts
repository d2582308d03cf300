/**
 * Simulated instances and a simulated load balancer on any clock. Nothing is timed: every answer is worked out from
 * the clock when it is asked for, so that hours pass in milliseconds.
 */
import {
  type Clock,
  type HealthCheckSettings,
  type InstanceDriver,
  type InstanceState,
  LaunchFailure,
  type LaunchRequest,
  type TargetHealth,
  type TargetRegistry,
} from '../fleet/index.ts';
import { notInUse } from '../load-balancer/index.ts';
import { type FleetFault, faultsFor } from './faults.ts';

/** How long instances take where no fault says otherwise. */
export interface SimulationSettings {
  /** Seconds from launch to running. */
  bootSeconds: number;
  /** Seconds from running to the first health check that passes. */
  secondsToHealthy: number;
  /** Seconds from terminate to terminated. */
  shutdownSeconds: number;
}

/** Targets of one kind that requests may be sent to. */
export interface ServingTargets {
  templateVersion: number;
  zone: string;
  healthy: boolean;
  count: number;
}

/** How a target group is used by load balancers. */
export interface Usage {
  /** Milliseconds since the epoch. */
  since: number;
  /** The zones that requests are sent to. */
  zones: ReadonlySet<string>;
}

/** What is so unless a test or a fault says otherwise. */
export const defaultSimulation: SimulationSettings = {
  bootSeconds: 20,
  secondsToHealthy: 15,
  shutdownSeconds: 5,
};

/** AWS's defaults for an instance target group. */
export const defaultHealthCheck: HealthCheckSettings = {
  path: '/',
  port: 'traffic-port',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
  deregistrationDelaySeconds: 300,
};

interface SimulatedInstance {
  request: LaunchRequest;
  launchedAt: number;
  fault: FleetFault;
  terminatedAt?: number;
  reported?: boolean;
}

interface SimulatedTarget {
  registeredAt: number;
  deregisteredAt?: number;
}

interface CheckedTarget extends SimulatedTarget {
  usedSince?: number;
  /** No load balancer sends it anything. */
  unused?: ReturnType<typeof notInUse>;
}

const descriptions: Record<string, string> = {
  'Target.ResponseCodeMismatch': 'Health checks failed with these codes: [503]',
  'Target.Timeout': 'Request timed out',
  'Target.FailedHealthChecks': 'Health checks failed',
  'Elb.InternalError': 'Health checks failed due to an internal error on the load balancer',
};

/** One more of a kind. There are few kinds: looking them up in a row is cheap. */
function count(kinds: ServingTargets[], one: Omit<ServingTargets, 'count'>): void {
  const known = kinds.find(
    ({ templateVersion, zone, healthy }) =>
      templateVersion === one.templateVersion && zone === one.zone && healthy === one.healthy,
  );
  if (known === undefined) kinds.push({ ...one, count: 1 });
  else known.count += 1;
}

/** The fleet's world: give `driver` and `targetGroups` to createFleet. */
export class Simulation {
  readonly driver: InstanceDriver;
  readonly targetGroups: TargetRegistry;
  readonly settings: SimulationSettings;
  readonly #clock: Clock;
  readonly #healthCheck: (targetGroupArn: string) => HealthCheckSettings | undefined;
  readonly #port: (targetGroupArn: string) => number | undefined;
  readonly #usage: ((targetGroupArn: string) => Usage | undefined) | undefined;
  readonly #instances = new Map<string, SimulatedInstance>();
  readonly #targets = new Map<string, Map<string, SimulatedTarget>>();
  #faults: FleetFault[] = [];

  /**
   * @param options.healthCheck the settings of a target group; undefined when there is none of that ARN
   * @param options.usage       undefined when no load balancer uses the target group; without it every one is used
   */
  constructor(options: {
    clock: Clock;
    settings?: Partial<SimulationSettings>;
    healthCheck?: (targetGroupArn: string) => HealthCheckSettings | undefined;
    port?: (targetGroupArn: string) => number | undefined;
    usage?: (targetGroupArn: string) => Usage | undefined;
  }) {
    this.#clock = options.clock;
    this.settings = { ...defaultSimulation, ...options.settings };
    this.#healthCheck = options.healthCheck ?? (() => defaultHealthCheck);
    this.#port = options.port ?? (() => 80);
    this.#usage = options.usage;
    this.driver = {
      launch: (request) => this.#launch(request),
      terminate: async (id) => this.#terminate(id),
      describe: (id) => this.#describe(id),
      console: (id) => this.#console(id),
      close: async () => this.#instances.clear(),
    };
    this.targetGroups = {
      register: (arn, id) => this.#register(arn, id),
      deregister: (arn, id) => this.#deregister(arn, id),
      health: (arn) => this.#health(arn),
      healthCheck: (arn) => this.#healthCheck(arn),
      port: (arn) => this.#port(arn),
    };
  }

  /** Replaces all faults. Instances that were launched before keep theirs. */
  setFaults(faults: readonly FleetFault[]): void {
    this.#faults = [...faults];
  }

  get faults(): readonly FleetFault[] {
    return this.#faults;
  }

  /** Where an instance was launched; undefined when it is not known any more. */
  zone(instanceId: string): string | undefined {
    return this.#instances.get(instanceId)?.request.availabilityZone;
  }

  /** Stops an instance as if its host had failed. */
  kill(instanceId: string): void {
    const instance = this.#instances.get(instanceId);
    if (instance) {
      const running = this.#clock.now() - instance.launchedAt - this.settings.bootSeconds * 1000;
      instance.fault = { ...instance.fault, diesAfterSeconds: Math.max(0, running / 1000) };
    }
  }

  /** Instances whose user data has failed since this was last asked, and which would now report themselves. */
  takeBootFailures(): string[] {
    const failed = [...this.#instances].filter(
      ([id, instance]) =>
        instance.fault.bootFailure !== undefined &&
        !instance.reported &&
        this.#describe(id)?.state === 'running',
    );
    for (const [, instance] of failed) instance.reported = true;
    return failed.map(([id]) => id);
  }

  async #launch(request: LaunchRequest): Promise<void> {
    const fault = faultsFor(this.#faults, {
      group: request.group,
      templateVersion: request.template.version,
    });
    if (fault.noCapacity !== undefined) {
      throw new LaunchFailure(
        fault.noCapacity === true
          ? `We currently do not have sufficient ${request.template.instanceType} capacity in the Availability ` +
              `Zone you requested (${request.availabilityZone}). Our system will be working on provisioning ` +
              'additional capacity.'
          : fault.noCapacity,
      );
    }
    this.#forgetOld();
    this.#instances.set(request.instanceId, { request, launchedAt: this.#clock.now(), fault });
  }

  /** Terminated instances can be asked for during an hour, as on EC2; a cloud that is left up must not grow for ever. */
  #forgetOld(): void {
    const since = this.#clock.now() - 3_600_000;
    for (const [id, { terminatedAt }] of this.#instances) {
      if (terminatedAt === undefined || terminatedAt > since) return;
      this.#instances.delete(id);
    }
  }

  #terminate(id: string): void {
    const instance = this.#instances.get(id);
    if (instance) instance.terminatedAt ??= this.#clock.now() + this.settings.shutdownSeconds * 1000;
  }

  #runningAt(instance: SimulatedInstance): number {
    return instance.launchedAt + this.settings.bootSeconds * 1000;
  }

  #describe(id: string, now = this.#clock.now()): { state: InstanceState } | undefined {
    const instance = this.#instances.get(id);
    if (instance === undefined) return undefined;
    if (instance.terminatedAt !== undefined) {
      return { state: now >= instance.terminatedAt ? 'terminated' : 'shutting-down' };
    }
    const dies = instance.fault.diesAfterSeconds;
    if (dies !== undefined && now >= this.#runningAt(instance) + dies * 1000) return { state: 'stopped' };
    return { state: now >= this.#runningAt(instance) ? 'running' : 'pending' };
  }

  #console(id: string): string {
    const instance = this.#instances.get(id);
    if (instance === undefined || this.#clock.now() < this.#runningAt(instance)) return '';
    const { fault, request } = instance;
    const head = `simulated instance ${id}, template version ${request.template.version}\n`;
    if (fault.bootFailure === undefined)
      return `${head}ASG_DEPLOY_BOOT_OK image=${request.template.imageId}\n`;
    const step = fault.bootFailure === true ? 'run' : fault.bootFailure;
    const reason = fault.bootDetails === undefined ? '' : ` reason=${fault.bootDetails}`;
    return `${head}ASG_DEPLOY_BOOT_FAILED step=${step} image=${request.template.imageId}${reason}\n`;
  }

  #register(arn: string, id: string): void {
    const targets = this.#targets.get(arn) ?? new Map<string, SimulatedTarget>();
    this.#targets.set(arn, targets);
    const known = targets.get(id);
    if (known === undefined || known.deregisteredAt !== undefined) {
      targets.set(id, { registeredAt: this.#clock.now() });
    }
  }

  #deregister(arn: string, id: string): void {
    const target = this.#targets.get(arn)?.get(id);
    if (target) target.deregisteredAt ??= this.#clock.now();
  }

  #health(arn: string): TargetHealth[] {
    const targets = this.#targets.get(arn);
    if (targets === undefined) return [];
    const settings = this.#healthCheck(arn) ?? defaultHealthCheck;
    const result: TargetHealth[] = [];
    const now = this.#clock.now();
    for (const [id, target] of targets) {
      const health = this.#healthOf(id, this.#sinceUse(arn, id, target), settings, now);
      if (health === undefined) targets.delete(id);
      else result.push({ instanceId: id, port: this.#port(arn) ?? 80, ...health });
    }
    return result;
  }

  /** The targets of a group that get requests, by what they are: the healthy ones, or all where none is. */
  serving(arn: string): ServingTargets[] {
    const kinds: ServingTargets[] = [];
    const settings = this.#healthCheck(arn) ?? defaultHealthCheck;
    const usage = this.#usage?.(arn);
    const now = this.#clock.now();
    for (const [id, target] of this.#targets.get(arn) ?? []) {
      const request = this.#instances.get(id)?.request;
      if (request === undefined || target.deregisteredAt !== undefined) continue;
      const zone = request.availabilityZone;
      if (this.#usage !== undefined && usage?.zones.has(zone) !== true) continue;
      const checked = usage === undefined ? target : { ...target, usedSince: usage.since };
      const state = this.#healthOf(id, checked, settings, now)?.state;
      if (state === undefined || state === 'unused') continue;
      count(kinds, { templateVersion: request.template.version, zone, healthy: state === 'healthy' });
    }
    const healthy = kinds.filter((kind) => kind.healthy);
    return healthy.length > 0 ? healthy : kinds;
  }

  /** A target as its load balancer sees it: checked since the group is used, or not at all. */
  #sinceUse(arn: string, id: string, target: SimulatedTarget): CheckedTarget {
    if (this.#usage === undefined) return target;
    const usage = this.#usage(arn);
    const zone = this.#instances.get(id)?.request.availabilityZone ?? '';
    if (usage?.zones.has(zone) !== true) return { ...target, unused: notInUse(usage !== undefined) };
    return { ...target, usedSince: usage.since };
  }

  #healthOf(
    id: string,
    target: CheckedTarget,
    settings: HealthCheckSettings,
    now: number,
  ): Omit<TargetHealth, 'instanceId' | 'port'> | undefined {
    const instance = this.#instances.get(id);
    const state = this.#describe(id, now)?.state;
    if (target.deregisteredAt !== undefined) {
      const delay = instance?.fault.drainSeconds ?? settings.deregistrationDelaySeconds;
      if (state !== 'running' || now >= target.deregisteredAt + delay * 1000) return undefined;
      return {
        state: 'draining',
        reason: 'Target.DeregistrationInProgress',
        description: 'Target deregistration is in progress',
      };
    }
    if (target.unused !== undefined) return target.unused;
    if (instance === undefined || state !== 'running') {
      const gone = state === 'terminated' || state === undefined ? 'terminated' : 'stopped';
      return {
        state: 'unused',
        reason: 'Target.InvalidState',
        description: `Target is in the ${gone} state`,
      };
    }
    const { fault } = instance;
    // The first check of a group that was not used before comes within an interval.
    const used = target.usedSince ?? target.registeredAt;
    const firstCheck =
      used > target.registeredAt ? used + settings.intervalSeconds * 1000 : target.registeredAt;
    const reason = failureReason(fault);
    if (reason !== undefined) {
      const failing = settings.intervalSeconds * settings.unhealthyThreshold * 1000;
      if (now < firstCheck + failing) return initial;
      return { state: 'unhealthy', reason, description: descriptions[reason] ?? 'Health checks failed' };
    }
    const seconds = fault.secondsToHealthy ?? this.settings.secondsToHealthy;
    const healthyAt = Math.max(firstCheck, this.#runningAt(instance) + seconds * 1000);
    return now >= healthyAt ? { state: 'healthy' } : initial;
  }
}

const initial = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
} as const;

function failureReason(fault: FleetFault): string | undefined {
  if (fault.neverHealthy !== undefined) {
    return fault.neverHealthy === true ? 'Target.ResponseCodeMismatch' : fault.neverHealthy;
  }
  return fault.bootFailure === undefined ? undefined : 'Target.FailedHealthChecks';
}
