/**
 * Users' requests to simulated load balancers. None is made: for each second it is drawn how many of them each kind of
 * target answers, and how, so that hours of thousands of requests a second cost milliseconds.
 */
import { drawLatencies } from './latency.ts';
import { binomial, multinomial, type Random, randomOf } from './random.ts';
import type { ServingTargets } from './simulation.ts';
import { behaviourOf, type TrafficSettings } from './traffic-settings.ts';

/** Where requests to `/` of a load balancer go: the action of the rule that they meet. */
export interface Route {
  loadBalancerArn: string;
  targetGroups: readonly { arn: string; weight: number }[];
}

/** Requests that ended alike. */
export interface Answers {
  loadBalancerArn: string;
  /** Milliseconds since the epoch. */
  at: number;
  status: number;
  by: 'target' | 'balancer';
  times: number;
  /** How often which response time, in seconds, came up. */
  latencies?: ReadonlyMap<number, number>;
  unreachable?: boolean;
  /** Undefined where there was no target to choose. `of`: how many targets the group's requests are shared among. */
  target?: { group: string; zone: string | undefined; of: number };
}

/** What the traffic meets. */
export interface TrafficWorld {
  routes(settings: TrafficSettings): Route[];
  serving(targetGroupArn: string): ServingTargets[];
  /** Is told what was answered. */
  answered(answers: Answers): void;
}

/** What users saw. */
export interface Seen {
  requests: number;
  /** Those that a target answered with a 5xx. */
  errors: number;
  /** Those that no target answered: the load balancer did, with a 5xx. */
  lost: number;
  /** When the last request was made. */
  lastRequest?: string;
}

/** As `GET /_local/traffic` has it. */
export interface TrafficReport extends Seen {
  running: boolean;
  requestsPerSecond: number;
  seed: number;
  seconds: number;
  /** By launch template version of the target that was chosen. */
  versions: Record<string, Seen>;
  /** By ARN. */
  targetGroups: Record<string, Seen>;
}

/** A kind of target, and how its requests ended, put together until they are published. */
interface Tally extends Omit<Answers, 'at' | 'latencies'> {
  version?: number;
}

const nothingSeen = (): Seen => ({ requests: 0, errors: 0, lost: 0 });

function add(seen: Seen, { times, status, by }: Tally, second: number): void {
  if (times === 0) return;
  seen.requests += times;
  if (by === 'balancer') seen.lost += times;
  else if (status >= 500) seen.errors += times;
  seen.lastRequest = new Date(second * 1000).toISOString();
}

export class Traffic {
  readonly #settings: TrafficSettings;
  readonly #world: TrafficWorld;
  readonly #slot: number;
  /** The next second, since the epoch, that is to be worked through. */
  #second: number;
  readonly #began: number;
  #running = true;
  readonly #tallies = new Map<string, Tally>();
  readonly #all = nothingSeen();
  readonly #versions: Record<string, Seen> = {};
  readonly #targetGroups: Record<string, Seen> = {};

  /**
   * @param options.now         milliseconds since the epoch
   * @param options.slotSeconds how many seconds are published together; a minute of CloudWatch is a multiple of it
   */
  constructor(
    settings: TrafficSettings,
    world: TrafficWorld,
    { now, slotSeconds = 10 }: { now: number; slotSeconds?: number },
  ) {
    this.#settings = settings;
    this.#world = world;
    this.#slot = slotSeconds;
    this.#second = Math.ceil(now / 1000);
    this.#began = this.#second;
  }

  /** Works through the seconds that have passed, with routes and targets as they are now. */
  step(now: number): void {
    const until = Math.floor(now / 1000);
    if (!this.#running || until <= this.#second) return;
    const routes = this.#world.routes(this.#settings).map((route) => ({
      ...route,
      serving: route.targetGroups.map(({ arn, weight }) => (weight > 0 ? this.#world.serving(arn) : [])),
    }));
    for (; this.#second < until; this.#second += 1) {
      if (this.#second % this.#slot === 0) this.#publish();
      const random = randomOf(this.#settings.seed, this.#second - this.#began);
      for (const route of routes) this.#serve(route, random);
    }
    if (this.#second % this.#slot === 0) this.#publish();
  }

  /** No request from now on; what was seen can still be asked for. */
  stop(): void {
    this.#publish();
    this.#running = false;
  }

  report(): TrafficReport {
    const { requestsPerSecond, seed } = this.#settings;
    return {
      ...{ running: this.#running, requestsPerSecond, seed, seconds: this.#second - this.#began },
      ...this.#all,
      ...{ versions: this.#versions, targetGroups: this.#targetGroups },
    };
  }

  /** How many requests the second has: as many in whole numbers as the rate has by its end. */
  #due(): number {
    const { requestsPerSecond } = this.#settings;
    const since = this.#second - this.#began;
    return Math.floor(requestsPerSecond * (since + 1)) - Math.floor(requestsPerSecond * since);
  }

  #serve(route: Route & { serving: ServingTargets[][] }, random: Random): void {
    const due = this.#due();
    const { loadBalancerArn, targetGroups } = route;
    const shares = multinomial(
      random,
      due,
      targetGroups.map(({ weight }) => weight),
    );
    const refused = due - shares.reduce((sum, share) => sum + share, 0);
    this.#count({ loadBalancerArn, status: 503, by: 'balancer', times: refused });
    targetGroups.forEach(({ arn: group }, index) => {
      const serving = route.serving[index] ?? [];
      const times = shares[index] ?? 0;
      if (serving.length > 0) this.#serveGroup({ loadBalancerArn, group, serving }, times, random);
      else this.#count({ loadBalancerArn, status: 503, by: 'balancer', times }, group);
    });
  }

  #serveGroup(
    {
      loadBalancerArn,
      group,
      serving,
    }: { loadBalancerArn: string; group: string; serving: ServingTargets[] },
    times: number,
    random: Random,
  ): void {
    const of = serving.reduce((sum, { count }) => sum + count, 0);
    const shares = multinomial(
      random,
      times,
      serving.map(({ count }) => count),
    );
    serving.forEach(({ templateVersion: version, zone, healthy }, index) => {
      const share = shares[index] ?? 0;
      const common = { loadBalancerArn, version, target: { group, zone, of } };
      if (!healthy) {
        // Nothing listens there (yet).
        this.#count({ ...common, status: 502, by: 'balancer', times: share, unreachable: true });
        return;
      }
      const errors = binomial(random, share, behaviourOf(this.#settings, version).errorRate);
      this.#count({ ...common, status: 500, by: 'target', times: errors });
      this.#count({ ...common, status: 200, by: 'target', times: share - errors });
    });
  }

  /** @param group of which no target was there to be chosen */
  #count(tally: Tally, group = tally.target?.group): void {
    if (tally.times === 0) return;
    const { version, target, status } = tally;
    add(this.#all, tally, this.#second);
    if (version !== undefined) add((this.#versions[version] ??= nothingSeen()), tally, this.#second);
    if (group !== undefined) add((this.#targetGroups[group] ??= nothingSeen()), tally, this.#second);
    const of = `${target?.group ?? ''} ${target?.zone ?? ''} ${target?.of ?? ''}`;
    const key = `${tally.loadBalancerArn} ${of} ${version ?? ''} ${status}`;
    const known = this.#tallies.get(key);
    if (known === undefined) this.#tallies.set(key, { ...tally });
    else known.times += tally.times;
  }

  #publish(): void {
    const at = (this.#second - 1) * 1000;
    let index = 0;
    for (const { version, ...tally } of this.#tallies.values()) {
      const random = randomOf(this.#settings.seed, this.#second - this.#began, (index += 1));
      const latencies =
        tally.by === 'target' && version !== undefined
          ? drawLatencies(random, tally.times, behaviourOf(this.#settings, version).latency)
          : undefined;
      this.#world.answered({ ...tally, at, ...(latencies && { latencies }) });
    }
    this.#tallies.clear();
  }
}
