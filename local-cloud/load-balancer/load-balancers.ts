/** Every load balancer of the local cloud: proxies, target groups, and the API's part about targets. */
import type { HealthCheckSettings, TargetHealth } from '../fleet/index.ts';
import type { Service } from '../gateway/index.ts';
import {
  targetGroupsInUse,
  type Configuration,
  type ConfigurationSource,
  type ListenerConfiguration,
  type LoadBalancerConfiguration,
} from './configuration.ts';
import { Propagation } from './propagation.ts';
import { Proxy, type Served } from './proxy.ts';
import type { RuleDelay } from './rule-delay.ts';
import { createTargetService, type TargetApi } from './service.ts';
import { TargetGroup, type TargetAddresses } from './target-group.ts';

/** Where configuration and targets come from, and where proxies listen. */
export interface LoadBalancersOptions {
  source: ConfigurationSource;
  addresses: TargetAddresses & { knows?(instanceId: string): boolean };
  /** Ports are given out from here upward: the first free one. Default 8080. */
  firstPort?: number;
  /** How long changed rules take until requests meet them; not at all unless given. */
  ruleDelay?: RuleDelay;
  /** Is told of every request that was answered. */
  served?: (loadBalancerArn: string, request: Served) => void;
  log?: (line: string) => void;
}

/** Where one listener answers. */
export interface ListenerAddress {
  loadBalancer: string;
  listenerPort: number;
  /** `127.0.0.1:8080` */
  address: string;
}

/** All load balancers and target groups, and the proxies that stand for them. */
export interface LoadBalancers {
  /** RegisterTargets, DeregisterTargets, DescribeTargetHealth. */
  service: Service;
  registry: TargetApi;
  /** Takes over the configuration as it is now. To be awaited after every elbv2 call that changes something. */
  sync(): Promise<void>;
  /** One entry per listener; a load balancer without a listener is listed with port 80. */
  addresses(): ListenerAddress[];
  /** As of the last `sync`. */
  configuration(): Configuration;
  /** Replaces the DNS names that the emulator made up by the proxies' addresses, in any text. */
  rewrite(text: string): string;
  close(): Promise<void>;
}

const PORTS_TRIED = 200;

/** One port of this machine, held by a load balancer from its creation on, whether it has a listener yet or not. */
interface Seat {
  proxy: Proxy;
  port: number;
  /** The listener's port on AWS. */
  listenerPort: number;
}

class Cloud implements LoadBalancers {
  readonly #options: LoadBalancersOptions;
  readonly #groups = new Map<string, TargetGroup>();
  /** By load balancer ARN; the first seat is the load balancer's address. */
  readonly #seats = new Map<string, Seat[]>();
  #configuration: Configuration = { loadBalancers: [], targetGroups: [] };
  readonly #propagation = new Propagation();
  #syncing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #closed = false;
  readonly registry: TargetApi;
  readonly service: Service;

  constructor(options: LoadBalancersOptions) {
    this.#options = options;
    this.registry = this.#createRegistry();
    this.service = createTargetService(this.registry);
  }

  #createRegistry(): TargetApi {
    const group = (arn: string): TargetGroup | undefined => this.#groups.get(arn);
    return {
      register: (arn, instanceId) => {
        group(arn)?.register(instanceId);
      },
      deregister: (arn, instanceId) => {
        group(arn)?.deregister(instanceId);
      },
      registerOn: (arn, id, port) => {
        group(arn)?.register(id, port);
      },
      deregisterOn: (arn, id, port) => {
        group(arn)?.deregister(id, port);
      },
      health: (arn): TargetHealth[] => group(arn)?.health() ?? [],
      healthCheck: (arn): HealthCheckSettings | undefined => {
        const known = group(arn)?.configuration;
        if (known === undefined) return undefined;
        return { ...known.healthCheck, deregistrationDelaySeconds: known.deregistrationDelaySeconds };
      },
      port: (arn) => group(arn)?.configuration.port,
      knows: (instanceId) => this.#options.addresses.knows?.(instanceId) ?? true,
    };
  }

  /** Calls that come while one runs share the next one: each sees the state as it was when it called, or newer. */
  sync(): Promise<void> {
    if (this.#syncing === undefined) {
      this.#syncing = this.#sync().finally(() => {
        this.#syncing = undefined;
      });
      return this.#syncing;
    }
    this.#next ??= this.#syncing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.sync();
      });
    return this.#next;
  }

  async #sync(): Promise<void> {
    const configuration = await this.#options.source.read();
    if (this.#closed) return;
    this.#configuration = configuration;
    this.#propagation.offer(configuration, Date.now(), this.#options.ruleDelay?.milliseconds ?? 0);
    const inUse = targetGroupsInUse(configuration);
    for (const group of configuration.targetGroups) {
      const known = this.#groups.get(group.arn) ?? new TargetGroup(group, this.#options.addresses);
      this.#groups.set(group.arn, known);
      known.configure(group, inUse.get(group.arn));
    }
    for (const [arn, group] of this.#groups) {
      if (configuration.targetGroups.some((kept) => kept.arn === arn)) continue;
      group.close();
      this.#groups.delete(arn);
    }
    for (const balancer of configuration.loadBalancers) await this.#seat(balancer);
    for (const [arn, seats] of this.#seats) {
      if (configuration.loadBalancers.some((kept) => kept.arn === arn)) continue;
      this.#seats.delete(arn);
      await Promise.all(seats.map(({ proxy }) => proxy.close()));
    }
  }

  /** Gives a load balancer its ports: one for its lowest listener (or for none yet), and one for each further. */
  async #seat(balancer: LoadBalancerConfiguration): Promise<void> {
    const seats = this.#seats.get(balancer.arn) ?? [];
    this.#seats.set(balancer.arn, seats);
    const ports = balancer.listeners.map(({ port }) => port).sort((left, right) => left - right);
    const first = seats[0];
    if (first !== undefined && !ports.includes(first.listenerPort)) first.listenerPort = ports[0] ?? 80;
    for (const listenerPort of ports.length === 0 ? [80] : ports) {
      if (seats.some((seat) => seat.listenerPort === listenerPort)) continue;
      seats.push(await this.#open(balancer.arn, listenerPort));
    }
    for (const gone of seats.slice(1).filter((seat) => !ports.includes(seat.listenerPort))) {
      seats.splice(seats.indexOf(gone), 1);
      await gone.proxy.close();
    }
  }

  async #open(loadBalancerArn: string, listenerPort: number): Promise<Seat> {
    const balancer = (): LoadBalancerConfiguration | undefined =>
      this.#configuration.loadBalancers.find(({ arn }) => arn === loadBalancerArn);
    const seat = { port: 0, listenerPort } as Seat;
    seat.proxy = new Proxy({
      listener: (): ListenerConfiguration | undefined => {
        const { arn = '' } = balancer()?.listeners.find(({ port }) => port === seat.listenerPort) ?? {};
        return this.#propagation.listener(arn, Date.now());
      },
      idleTimeoutSeconds: () => balancer()?.idleTimeoutSeconds ?? 60,
      lease: (arn) => this.#groups.get(arn)?.lease(),
      served: (request) => this.#options.served?.(loadBalancerArn, request),
    });
    const start = this.#options.firstPort ?? 8080;
    const taken = new Set([...this.#seats.values()].flat().map(({ port }) => port));
    for (let port = start; port < start + PORTS_TRIED; port += 1) {
      if (taken.has(port)) continue;
      try {
        await seat.proxy.listen(port);
        seat.port = port;
        this.#options.log?.(
          `load balancer ${balancer()?.name ?? ''}: listener ${listenerPort} answers on 127.0.0.1:${port}`,
        );
        return seat;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    throw new Error(`no free port for a load balancer between ${start} and ${start + PORTS_TRIED - 1}`);
  }

  configuration(): Configuration {
    return this.#configuration;
  }

  addresses(): ListenerAddress[] {
    return this.#configuration.loadBalancers.flatMap(({ arn, name }) =>
      (this.#seats.get(arn) ?? []).map(({ port, listenerPort }) => ({
        loadBalancer: name,
        listenerPort,
        address: `127.0.0.1:${port}`,
      })),
    );
  }

  rewrite(text: string): string {
    let rewritten = text;
    for (const { arn, dnsName } of this.#configuration.loadBalancers) {
      const port = this.#seats.get(arn)?.[0]?.port;
      if (port !== undefined && dnsName !== '')
        rewritten = rewritten.replaceAll(dnsName, `127.0.0.1:${port}`);
    }
    return rewritten;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#syncing?.catch(() => undefined);
    for (const group of this.#groups.values()) group.close();
    await Promise.all([...this.#seats.values()].flat().map(({ proxy }) => proxy.close()));
    this.#groups.clear();
    this.#seats.clear();
  }
}

/**
 * Starts with no load balancer at all; `sync()` makes and removes them.
 * The registry ignores registrations with a target group that there is not.
 */
export function createLoadBalancers(options: LoadBalancersOptions): LoadBalancers {
  return new Cloud(options);
}
