/** A simulated fleet that moves only when it is told to, and its API called as the gateway would. */
import type { AlarmState, Templates } from '../../../local-cloud/fleet/engine/driver.ts';
import {
  createSimulatedFleet,
  type SimulatedFleet,
} from '../../../local-cloud/simulation/simulated-fleet.ts';
import { defaultHealthCheck, type SimulationSettings } from '../../../local-cloud/simulation/simulation.ts';
import { ApiError } from '../../../local-cloud/gateway/wire.ts';

export const start = Date.parse('2026-01-01T00:00:00Z');
export const targetGroup =
  'arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop/0123456789abcdef';
export const template = 'lt-0123456789abcdef0';
/** Names the group in a call. */
export const shop = { AutoScalingGroupName: 'shop' };
/** Preferences of a refresh that launches before it terminates. */
export const launchFirst = { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 };

export type Json = Record<string, unknown>;

export interface Refresh {
  Status: string;
  StatusReason?: string;
  PercentageComplete: number;
  InstancesToUpdate: number;
  Preferences: Json;
  DesiredConfiguration?: Json;
  RollbackDetails?: Json;
  StartTime?: Date;
  EndTime?: Date;
  InstanceRefreshId: string;
}

export interface Instance {
  InstanceId: string;
  LifecycleState: string;
  HealthStatus: string;
  AvailabilityZone: string;
  ProtectedFromScaleIn: boolean;
  LaunchTemplate: { LaunchTemplateId: string; LaunchTemplateName: string; Version: string };
}

export interface Group extends Json {
  DesiredCapacity: number;
  Instances: Instance[];
  LaunchTemplate: { LaunchTemplateId: string; LaunchTemplateName: string; Version: string };
}

export interface Activity {
  ActivityId: string;
  Description: string;
  Cause: string;
  StatusCode: string;
  StatusMessage?: string;
  Progress: number;
  Details: string;
  StartTime: Date;
  EndTime?: Date;
}

/** The query protocol has only texts. */
function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]));
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

export class World {
  readonly alarms = new Map<string, AlarmState>();
  readonly lines: string[] = [];
  readonly simulated: SimulatedFleet;
  latest = 3;
  deregistrationDelay = 30;
  readonly deletedVersions = new Set<number>();

  constructor(settings: Partial<SimulationSettings> = {}) {
    let ids = 0;
    const templates: Templates = { describe: (idOrName, version) => this.#describe(idOrName, version) };
    this.simulated = createSimulatedFleet({
      speed: 0,
      start,
      templates,
      alarms: { state: async (name) => this.alarms.get(name) },
      network: {
        subnets: async (wanted) =>
          wanted.map((subnetId, index) => {
            if (!subnetId.startsWith('subnet-'))
              throw new Error(`The subnet ID '${subnetId}' does not exist`);
            return {
              subnetId,
              availabilityZone: `eu-north-1${'abc'[index] ?? 'a'}`,
              cidrBlock: `10.0.${16 * index}.0/20`,
            };
          }),
      },
      region: 'eu-north-1',
      accountId: '123456789012',
      settings: { bootSeconds: 20, secondsToHealthy: 10, shutdownSeconds: 5, ...settings },
      healthCheck: (arn) =>
        arn.includes('missing')
          ? undefined
          : { ...defaultHealthCheck, deregistrationDelaySeconds: this.deregistrationDelay },
      log: (line) => this.lines.push(line),
      newId: (kind) => {
        ids += 1;
        const hex = ids.toString(16);
        return kind === 'instance'
          ? `i-${hex.padStart(17, '0')}`
          : `00000000-0000-4000-8000-${hex.padStart(12, '0')}`;
      },
    });
  }

  async #describe(idOrName: string, version: string): Promise<Awaited<ReturnType<Templates['describe']>>> {
    const number = version === '$Latest' ? this.latest : version === '$Default' ? 1 : Number(version);
    if (idOrName !== template && idOrName !== 'shop') {
      throw new Error(`The specified launch template, with template ID ${idOrName}, does not exist.`);
    }
    if (!(number <= 10) || this.deletedVersions.has(number)) {
      throw new Error(
        `Could not find the specified version ${version} for the launch template with ID ${template}.`,
      );
    }
    return {
      ...{ id: template, name: 'shop', version: number, imageId: 'ami-0abc', instanceType: 't3.small' },
      userData: '#!/bin/bash\n',
    };
  }

  /** Calls an operation; the result is what the gateway would render. */
  async call<T = Json>(operation: string, parameters: Json = {}): Promise<T> {
    const handler = this.simulated.fleet.service.operations[operation];
    if (handler === undefined) throw new Error(`no operation ${operation}`);
    return (await handler({
      service: 'autoscaling',
      operation,
      parameters: texts(parameters) as Json,
      region: 'eu-north-1',
      accountId: '123456789012',
      requestId: 'request',
    })) as T;
  }

  /** The error that an operation gives, as `code: message`. */
  async refused(operation: string, parameters: Json = {}): Promise<string> {
    try {
      await this.call(operation, parameters);
    } catch (error) {
      if (error instanceof ApiError) return `${error.code}: ${error.message}`;
      throw error;
    }
    throw new Error(`${operation} was not refused`);
  }

  async createGroup(desired: number, more: Json = {}): Promise<void> {
    await this.call('CreateAutoScalingGroup', {
      AutoScalingGroupName: 'shop',
      MinSize: 0,
      MaxSize: Math.max(desired * 2, 1),
      DesiredCapacity: desired,
      LaunchTemplate: { LaunchTemplateId: template, Version: '1' },
      VPCZoneIdentifier: 'subnet-a,subnet-b',
      TargetGroupARNs: [targetGroup],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 60,
      DefaultInstanceWarmup: 30,
      ...more,
    });
  }

  /** A group of that many healthy, warmed up instances of version 1. */
  async settledGroup(desired: number, more: Json = {}): Promise<void> {
    await this.createGroup(desired, more);
    await this.advance(180);
  }

  async startRefresh(preferences: Json = {}, version: string | null = '2'): Promise<string> {
    const { InstanceRefreshId } = await this.call<{ InstanceRefreshId: string }>('StartInstanceRefresh', {
      AutoScalingGroupName: 'shop',
      ...(version !== null && {
        DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: template, Version: version } },
      }),
      Preferences: preferences,
    });
    return InstanceRefreshId;
  }

  advance(seconds: number, step = 1): Promise<number> {
    return this.simulated.advance(seconds, step);
  }

  async group(): Promise<Group> {
    const { AutoScalingGroups } = await this.call<{ AutoScalingGroups: Group[] }>(
      'DescribeAutoScalingGroups',
      {
        AutoScalingGroupNames: ['shop'],
      },
    );
    const [group] = AutoScalingGroups;
    if (group === undefined) throw new Error('there is no group shop');
    return group;
  }

  async instances(): Promise<Instance[]> {
    return (await this.group()).Instances;
  }

  async firstId(): Promise<string> {
    return (await this.instances())[0]?.InstanceId ?? '';
  }

  /** Lifecycle states of the instances, sorted. */
  async states(): Promise<string[]> {
    return (await this.instances()).map(({ LifecycleState }) => LifecycleState).sort();
  }

  /** States of the targets, sorted. */
  targets(): string[] {
    return this.simulated.simulation.targetGroups
      .health(targetGroup)
      .map(({ state }) => state)
      .sort();
  }

  /** Versions of the instances in service, sorted: '1 1 2'. */
  async versions(): Promise<string> {
    return (await this.instances())
      .filter((instance) => instance.LifecycleState === 'InService')
      .map((instance) => instance.LaunchTemplate.Version)
      .sort()
      .join(' ');
  }

  async activities(): Promise<Activity[]> {
    const { Activities } = await this.call<{ Activities: Activity[] }>('DescribeScalingActivities', shop);
    return Activities;
  }

  /** Why the activities took place, newest first. */
  async causes(): Promise<string[]> {
    return (await this.activities()).map(({ Cause }) => Cause);
  }

  async refresh(): Promise<Refresh> {
    const { InstanceRefreshes } = await this.call<{ InstanceRefreshes: Refresh[] }>(
      'DescribeInstanceRefreshes',
      shop,
    );
    const [refresh] = InstanceRefreshes;
    if (refresh === undefined) throw new Error('there is no refresh');
    return refresh;
  }

  /** Advances until the refresh has one of the statuses, at most for so many seconds. */
  async until(statuses: string[], atMostSeconds = 7200, step = 1): Promise<Refresh> {
    for (let seconds = 0; seconds < atMostSeconds; seconds += step) {
      const refresh = await this.refresh();
      if (statuses.includes(refresh.Status)) return refresh;
      await this.advance(step, step);
    }
    throw new Error(`still ${JSON.stringify(await this.refresh())} after ${atMostSeconds} s`);
  }

  async close(): Promise<void> {
    await this.simulated.close();
  }
}
