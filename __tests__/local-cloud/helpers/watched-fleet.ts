/** A random group under a refresh, moved from moment to moment; after each, what has to hold of every fleet. */
import type { Group, Instance, Refresh } from '../../../local-cloud/fleet/engine/state.ts';
import { ApiError } from '../../../local-cloud/gateway/wire.ts';
import { shop, targetGroup, World, type Json } from './fleet.ts';
import { preferencesOf, turns, type Happening, type Percentages, type RandomGroup } from './random-group.ts';

const active = ['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'];

/** To which statuses a refresh may go from each, as AWS documents them; from the others, to none. */
const statuses = reachable({
  Pending: ['InProgress', 'Cancelling', 'Cancelled', 'RollbackInProgress'],
  InProgress: ['Baking', 'Successful', 'Failed', 'Cancelling', 'Cancelled', 'RollbackInProgress'],
  Baking: ['Successful', 'Failed', 'Cancelling', 'Cancelled', 'RollbackInProgress'],
  Cancelling: ['Cancelled'],
  RollbackInProgress: ['RollbackSuccessful', 'RollbackFailed', 'Cancelling', 'Cancelled'],
});

/** The same of an instance's lifecycle. */
const lifecycles = reachable({
  Pending: ['Pending:Wait', 'InService', 'Terminating'],
  'Pending:Wait': ['Pending:Proceed', 'Terminating'],
  'Pending:Proceed': ['InService', 'Terminating'],
  InService: ['EnteringStandby', 'Terminating'],
  EnteringStandby: ['Standby', 'Terminating'],
  Standby: ['Pending', 'Terminating'],
  Terminating: ['Terminating:Wait', 'Terminating:Proceed'],
  'Terminating:Wait': ['Terminating:Proceed'],
});

/** Everything that can be reached from each. */
function reachable(graph: Record<string, string[]>): Map<string, Set<string>> {
  const all = new Set([...Object.keys(graph), ...Object.values(graph).flat()]);
  return new Map(
    [...all].map((from) => {
      const seen = new Set([from]);
      for (const each of seen) for (const next of graph[each] ?? []) seen.add(next);
      return [from, seen];
    }),
  );
}

const isMember = ({ lifecycle }: Instance): boolean =>
  lifecycle.startsWith('Pending') || lifecycle === 'InService';

/** The least that has to serve and the most that there may be, in instances: AWS rounds the minimum up. */
export function limitsOf(desired: number, { min, max }: Percentages): { floor: number; ceiling: number } {
  const floor = Math.ceil((desired * min) / 100);
  if (max === null) return { floor, ceiling: desired };
  const ceiling = Math.floor((desired * max) / 100);
  // Documented: where there is no room either way, one is launched first.
  return { floor, ceiling: floor === desired && ceiling === desired ? desired + 1 : ceiling };
}

/** What one look remembers for the next. */
interface Moment {
  members: Map<string, { lifecycle: string; available: boolean; draining: boolean }>;
  refreshes: { id: string; status: string; percentage: number; toUpdate: number; outgoing: number }[];
}

export class WatchedFleet {
  readonly world: World;
  /** Its settings; those of the next refresh may be others. */
  random: RandomGroup;
  /** What nobody ordered, or somebody else did: what is promised to a fleet that is left alone is not promised any more. */
  disturbed = false;
  /** Somebody keeps instances that the group would end. */
  #held = false;
  #before: Moment | undefined;
  /** Refreshes and activities that are over, as they were then. */
  readonly #over = new Map<object, string>();

  private constructor(random: RandomGroup) {
    const { boot: bootSeconds, toHealthy: secondsToHealthy } = random;
    this.world = new World({ bootSeconds, secondsToHealthy, shutdownSeconds: 5 });
    this.world.deregistrationDelay = random.drain;
    this.random = random;
  }

  /** A group that is settled on version 1. */
  static async settled(random: RandomGroup): Promise<WatchedFleet> {
    const fleet = new WatchedFleet(random);
    const { world } = fleet;
    const { policy, launchHook, terminateHook } = random;
    await world.createGroup(random.desired, {
      MaxSize: 3 * random.desired + 3,
      ...{ HealthCheckType: random.healthCheckType, HealthCheckGracePeriod: random.grace },
      DefaultInstanceWarmup: random.warmup,
      ...(policy && {
        InstanceMaintenancePolicy: { MinHealthyPercentage: policy.min, MaxHealthyPercentage: policy.max },
      }),
    });
    await fleet.#settle();
    for (const [kind, seconds] of Object.entries({ LAUNCHING: launchHook, TERMINATING: terminateHook }))
      if (seconds !== undefined)
        await world.call('PutLifecycleHook', {
          ...shop,
          ...{ LifecycleHookName: kind, LifecycleTransition: `autoscaling:EC2_INSTANCE_${kind}` },
          ...{ HeartbeatTimeout: seconds, DefaultResult: 'CONTINUE' },
        });
    return fleet;
  }

  get group(): Group {
    const group = this.world.simulated.fleet.state.groups.get('shop');
    if (group === undefined) throw new Error('the group is gone');
    return group;
  }

  get refresh(): Refresh | undefined {
    return this.group.refreshes.at(-1);
  }

  /** Until all of them are up, and up for longer than any warmup. */
  async #settle(): Promise<void> {
    const { fleet, clock } = this.world.simulated;
    const until = clock.now() + 600_000;
    for (let step = 1; clock.now() < until; step = step === 1 ? this.untilNext(600) : 1) {
      clock.advance(step * 1000);
      await fleet.step();
      await fleet.settled();
    }
  }

  /** Calls an operation, which may be refused. */
  async #ask(operation: string, parameters: Json): Promise<void> {
    await this.world.call(operation, { ...shop, ...parameters }).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
    });
  }

  /** Starts a refresh to a version; it may be refused. */
  async start(version: number): Promise<void> {
    await this.#ask('StartInstanceRefresh', {
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: 'shop', Version: version } },
      Preferences: {
        ...preferencesOf(this.random),
        ...(this.world.alarms.size > 0 && { AlarmSpecification: { Alarms: ['errors'] } }),
      },
    });
  }

  async happen({ what, which }: Happening): Promise<void> {
    const { world, group } = this;
    const { simulation } = world.simulated;
    const instances = [...group.instances.values()];
    const { id = 'i-0' } = instances[which % Math.max(1, instances.length)] ?? {};
    const one = { InstanceIds: [id], InstanceId: id };
    const processes = ['Launch', 'Terminate', 'HealthCheck', 'ReplaceUnhealthy', 'InstanceRefresh'];
    this.disturbed ||= !turns.some((turn) => turn === what);
    switch (what) {
      case 'scale':
        return this.#ask('SetDesiredCapacity', { DesiredCapacity: which % (3 * this.random.desired + 2) });
      case 'die':
        return simulation.kill(id);
      case 'unhealthy':
        return this.#ask('SetInstanceHealth', {
          ...{ ...one, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false },
        });
      case 'terminate':
        return this.#ask('TerminateInstanceInAutoScalingGroup', {
          ...{ ...one, ShouldDecrementDesiredCapacity: which % 2 === 0 },
        });
      case 'no capacity':
        return simulation.setFaults([{ noCapacity: true }]);
      case 'never healthy':
        return simulation.setFaults([{ neverHealthy: true, templateVersion: 2 }]);
      case 'slow':
        return simulation.setFaults([{ secondsToHealthy: which, drainSeconds: which }]);
      case 'faults end':
        return simulation.setFaults([]);
      case 'cancel':
      case 'cancel at once':
        return this.#ask('CancelInstanceRefresh', { WaitForTransitioningInstances: what === 'cancel' });
      case 'roll back':
        return this.#ask('RollbackInstanceRefresh', {});
      case 'another refresh':
        return this.start(3);
      case 'protect':
      case 'unprotect':
        this.#held ||= what === 'protect';
        return this.#ask('SetInstanceProtection', { ...one, ProtectedFromScaleIn: what === 'protect' });
      case 'standby':
        return this.#ask('EnterStandby', { ...one, ShouldDecrementDesiredCapacity: which % 2 === 0 });
      case 'back from standby':
        return this.#ask('ExitStandby', one);
      case 'suspend':
      case 'resume': {
        this.#held ||= what === 'suspend';
        const name = what === 'suspend' ? 'SuspendProcesses' : 'ResumeProcesses';
        return this.#ask(name, {
          ScalingProcesses: what === 'resume' ? processes : [processes[which % processes.length]],
        });
      }
      case 'alarm':
        world.alarms.set('errors', (['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const)[which % 3] ?? 'OK');
        return;
      case 'answer a hook':
        return this.#ask('CompleteLifecycleAction', {
          ...{ ...one, LifecycleHookName: which % 2 === 0 ? 'LAUNCHING' : 'TERMINATING' },
          LifecycleActionResult: which % 3 === 0 ? 'ABANDON' : 'CONTINUE',
        });
    }
  }

  /** Ends all that somebody does to it. */
  async calm(): Promise<void> {
    const { world } = this;
    world.simulated.simulation.setFaults([]);
    if (world.alarms.size > 0) world.alarms.set('errors', 'OK');
    await this.#ask('ResumeProcesses', {});
    for (const { id, lifecycle } of [...this.group.instances.values()]) {
      if (lifecycle === 'Standby') await this.#ask('ExitStandby', { InstanceIds: [id] });
      await this.#ask('SetInstanceProtection', { InstanceIds: [id], ProtectedFromScaleIn: false });
    }
  }

  /** Seconds until something may happen by itself, as long as nothing went wrong; `longest` at most. */
  untilNext(longest: number): number {
    const now = this.world.simulated.clock.now();
    const { boot, toHealthy, warmup, drain } = this.random;
    const [refresh, seconds] = [this.refresh, 1000];
    const moments = [...this.group.instances.values()].flatMap(
      ({ launchedAt, inServiceAt = 0, actions, activity, lifecycle }) => [
        ...[launchedAt + boot * seconds, launchedAt + (boot + toHealthy) * seconds],
        ...[inServiceAt + warmup * seconds, ...actions.map(({ deadline }) => deadline)],
        (activity?.startTime ?? 0) + drain * seconds,
        lifecycle === 'Terminating:Proceed' ? now + seconds : 0,
      ],
    );
    const next = [...moments, refresh?.checkpoint.waitUntil ?? 0, refresh?.bakeUntil ?? 0].filter(
      (moment) => moment > now,
    );
    return Math.max(1, Math.min(longest, Math.ceil((Math.min(...next) - now) / seconds)));
  }

  /** Moves on by so many seconds in which the fleet looks once. @returns whether anything is otherwise than before */
  async pass(seconds: number): Promise<boolean> {
    const { fleet, clock } = this.world.simulated;
    clock.advance(seconds * 1000);
    this.#before ??= this.#moment();
    const before = { ...this.#before, members: this.#members() };
    await fleet.step();
    await fleet.settled();
    const after = this.#moment();
    this.#check(before, after);
    this.#before = after;
    return print(before) !== print(after);
  }

  #members(): Moment['members'] {
    const { simulation } = this.world.simulated;
    const targets = new Map(
      simulation.targetGroups.health(targetGroup).map(({ instanceId, state }) => [instanceId, state]),
    );
    const now = this.world.simulated.clock.now();
    const warmup = (this.refresh?.preferences.instanceWarmup ?? 0) * 1000;
    return new Map(
      [...this.group.instances.values()].map((instance) => {
        const { id, lifecycle, health, inServiceAt = now } = instance;
        const available =
          lifecycle === 'InService' &&
          health === 'Healthy' &&
          now >= inServiceAt + warmup &&
          simulation.driver.describe(id)?.state === 'running' &&
          (this.random.healthCheckType === 'EC2' || targets.get(id) === 'healthy');
        return [id, { lifecycle, available, draining: targets.get(id) === 'draining' }];
      }),
    );
  }

  #moment(): Moment {
    return {
      members: this.#members(),
      refreshes: this.group.refreshes.map((refresh) => ({
        ...{ id: refresh.id, status: refresh.status, percentage: refresh.percentageComplete },
        ...{ toUpdate: refresh.instancesToUpdate, outgoing: refresh.outgoing.length },
      })),
    };
  }

  #check(before: Moment, after: Moment): void {
    this.#checkHistory(before, after);
    this.#checkLifecycles(before, after);
    this.#checkSizes(before, after);
  }

  /** What is over stays as it was. */
  checkOver(): void {
    for (const [one, told] of this.#over) must(JSON.stringify(one) === told, `${told} was over, and changed`);
  }

  #checkHistory(before: Moment, after: Moment): void {
    const underWay = after.refreshes.filter(({ status }) => active.includes(status));
    must(underWay.length <= 1, `${underWay.length} refreshes are under way`);
    for (const [index, old] of before.refreshes.entries()) {
      const now = after.refreshes[index];
      if (now?.id !== old.id) throw new Error(`refresh ${old.id} is forgotten`);
      must(statuses.get(old.status)?.has(now.status), `a refresh went from ${old.status} to ${now.status}`);
      must(now.percentage >= 0 && now.percentage <= 100, `${now.percentage} % of it are complete`);
      must(now.toUpdate >= 0, `${now.toUpdate} instances are to be updated`);
      // What is cancelled ends what it has launched on top.
      if (this.disturbed || now.status !== old.status || now.status === 'Cancelling') continue;
      const [less, more] = now.status === 'RollbackInProgress' ? [now, old] : [old, now];
      must(
        less.percentage <= more.percentage,
        `${now.status} went from ${old.percentage} to ${now.percentage} %`,
      );
      must(now.toUpdate <= old.toUpdate, `${old.toUpdate} were to be updated, and then ${now.toUpdate}`);
    }
    for (const one of [...this.group.refreshes, ...this.group.activities])
      if (one.endTime !== undefined && !this.#over.has(one)) this.#over.set(one, JSON.stringify(one));
  }

  #checkLifecycles(before: Moment, after: Moment): void {
    for (const [id, { lifecycle, draining }] of before.members) {
      const now = after.members.get(id)?.lifecycle;
      const waits = now === 'Terminating' || now === 'EnteringStandby';
      must(!draining || waits, `${id} is ${now} while its requests are still drained`);
      if (now !== undefined)
        must(lifecycles.get(lifecycle)?.has(now), `${id} went from ${lifecycle} to ${now}`);
    }
  }

  /** Neither below the minimum nor above the maximum by what the fleet itself does. */
  #checkSizes(before: Moment, after: Moment): void {
    const { settings, instances } = this.group;
    const desired = settings.desiredCapacity;
    const members = [...instances.values()].filter(isMember);
    const serving = [...after.members.values()].filter(({ available }) => available).length;
    const leaving = [...before.members].filter(
      ([id, { available }]) => available && after.members.get(id)?.lifecycle.startsWith('Terminating'),
    );
    const byRefresh = leaving.filter(([id]) => instances.get(id)?.replacedBy !== undefined);
    const { percentages, policy } = this.random;
    const { floor, ceiling } = limitsOf(desired, percentages);
    // A scale-in in the same moment comes after it.
    const kept = serving + leaving.length - byRefresh.length;
    const least = percentages.max === null ? Math.min(floor, kept + byRefresh.length - 1) : floor;
    if (byRefresh.length > 0)
      must(kept >= least, `${byRefresh.length} were taken out, ${kept} serve and ${floor} have to`);
    if (leaving.length > byRefresh.length)
      must(members.length >= desired, `${members.length} of ${desired} are left after a scale-in`);
    const isUnderWay = active.includes(this.refresh?.status ?? '');
    if (!this.disturbed && isUnderWay) {
      const always = percentages.max === null ? Math.min(floor, desired - 1) : floor;
      must(serving >= always, `${serving} serve and ${floor} have to`);
    }
    const limits = [
      desired,
      ...(isUnderWay ? [ceiling] : []),
      ...(policy === undefined ? [] : [Math.max(desired + 1, limitsOf(desired, policy).ceiling)]),
    ];
    const launched = members.some(({ id }) => !before.members.has(id));
    if (launched || !this.#held)
      must(
        members.length <= Math.max(...limits),
        `there are ${members.length}, and may be ${Math.max(...limits)} of ${desired}`,
      );
  }
}

function print({ members, refreshes }: Moment): string {
  const last = refreshes.at(-1);
  const all = [...members].map(([id, { lifecycle, available }]) => `${id}${lifecycle}${available}`);
  return `${last?.id} ${last?.status} ${last?.percentage} ${last?.outgoing} ${all.join()}`;
}

function must(holds: boolean | undefined, otherwise: string): void {
  if (holds !== true) throw new Error(otherwise);
}
