/** A target group at work: checks its targets' health, hands out targets to requests, drains. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { TargetGroupConfiguration } from './configuration.ts';
import { checkTarget, type Address } from './health-check.ts';
import {
  checked,
  checkStarted,
  deregistered,
  describeTarget,
  drained,
  registered,
  type Described,
  type Target,
} from './target-state.ts';

/** Where instances are; the driver knows. */
export interface TargetAddresses {
  /** Where a port of an instance is reached from this machine; undefined when it can't be (yet). */
  resolve(instanceId: string, port: number): Address | undefined;
  /** `stopped`, `terminated` … when the instance can't serve; undefined when it runs, or starts. */
  unusableState(instanceId: string): string | undefined;
  /** The Availability Zone of an instance; undefined: none in particular. */
  zone?(instanceId: string): string | undefined;
}

/** One target in use by one request; `release` must be called exactly once. */
export interface Lease {
  instanceId: string;
  /** How many targets the group's requests are shared among. */
  of: number;
  address: Address;
  agent: HttpAgent;
  /** The target speaks TLS. */
  secure: boolean;
  /** Aborted when the target's deregistration delay is over. */
  signal: AbortSignal;
  release(): void;
}

/**
 * Idle connections to a target are kept for a second only: less than any server's own keep-alive timeout (Node's is
 * 5 s), so that a request is not sent down a connection that its target is just closing.
 */
const IDLE_CONNECTION_MS = 1000;

const AGENT_OPTIONS = {
  keepAlive: true,
  timeout: IDLE_CONNECTION_MS,
  scheduling: 'lifo',
  // A load balancer does not verify its targets' certificates.
  rejectUnauthorized: false,
} as const;

/** What sends requests to a leased target. */
export const requestTo = (lease: Lease): typeof httpRequest => (lease.secure ? httpsRequest : httpRequest);

interface Entry {
  instanceId: string;
  port: number;
  target: Target;
  inFlight: number;
  agent: HttpAgent;
  cut: AbortController;
  timer?: NodeJS.Timeout;
}

const keyOf = (instanceId: string, port: number): string => `${instanceId}:${port}`;

export class TargetGroup {
  #configuration: TargetGroupConfiguration;
  /** The zones that some load balancer sends requests from; undefined while none does. */
  #zones: ReadonlySet<string> | undefined;
  readonly #addresses: TargetAddresses;
  readonly #entries = new Map<string, Entry>();
  #turn = 0;

  constructor(configuration: TargetGroupConfiguration, addresses: TargetAddresses) {
    this.#configuration = configuration;
    this.#addresses = addresses;
  }

  get configuration(): TargetGroupConfiguration {
    return this.#configuration;
  }

  get inUse(): boolean {
    return this.#zones !== undefined;
  }

  get #secure(): boolean {
    return this.#configuration.protocol === 'HTTPS';
  }

  /**
   * Takes over changed settings. Health checks run while some listener forwards here, and begin anew with it.
   * @param zones those of the load balancers that forward here; undefined when none does
   */
  configure(configuration: TargetGroupConfiguration, zones: ReadonlySet<string> | undefined): void {
    const turned = this.inUse !== (zones !== undefined);
    const checks = JSON.stringify(configuration.healthCheck);
    const changed = turned || checks !== JSON.stringify(this.#configuration.healthCheck);
    this.#configuration = configuration;
    this.#zones = zones;
    if (!changed) return;
    for (const entry of this.#entries.values()) {
      if (turned && entry.target.phase !== 'draining') entry.target = registered;
      this.#schedule(entry, 0);
    }
  }

  /** Whether a load balancer sends nothing to the instance because its zone is not enabled. */
  #outOfZone(instanceId: string): boolean {
    const zone = this.#addresses.zone?.(instanceId);
    return zone !== undefined && this.#zones !== undefined && !this.#zones.has(zone);
  }

  /** Registers a target; one that is draining starts over, one that is registered stays as it is. */
  register(instanceId: string, port = this.#configuration.port): void {
    const known = this.#entries.get(keyOf(instanceId, port));
    if (known !== undefined && known.target.phase !== 'draining') return;
    const entry: Entry = known ?? {
      instanceId,
      port,
      target: registered,
      inFlight: 0,
      agent: this.#secure ? new HttpsAgent(AGENT_OPTIONS) : new HttpAgent(AGENT_OPTIONS),
      cut: new AbortController(),
    };
    entry.target = registered;
    this.#entries.set(keyOf(instanceId, port), entry);
    this.#schedule(entry, 0);
  }

  /**
   * Starts draining.
   * @param port only the target on this port; otherwise every port of the instance
   * @returns whether there was such a target
   */
  deregister(instanceId: string, port?: number): boolean {
    const entries = [...this.#entries.values()].filter(
      (entry) => entry.instanceId === instanceId && (port === undefined || entry.port === port),
    );
    for (const entry of entries) {
      if (entry.target.phase === 'draining') continue;
      entry.target = deregistered(entry.target, Date.now());
      clearTimeout(entry.timer);
      entry.timer = setTimeout(
        () => {
          this.#removeIfDrained(entry);
        },
        this.#configuration.deregistrationDelaySeconds * 1000 + 10,
      );
      this.#removeIfDrained(entry);
    }
    return entries.length > 0;
  }

  health(): (Described & { instanceId: string; port: number })[] {
    return [...this.#entries.values()].map((entry) => {
      const instanceState = this.#addresses.unusableState(entry.instanceId);
      return {
        instanceId: entry.instanceId,
        port: entry.port,
        ...describeTarget(entry.target, {
          inUse: this.inUse,
          outOfZone: this.#outOfZone(entry.instanceId),
          ...(instanceState && { instanceState }),
        }),
      };
    });
  }

  /**
   * Hands out a target: the healthy ones in turn; when none is healthy, every one that is not draining in turn
   * (a load balancer fails open).
   * @returns undefined when no target is registered
   */
  lease(): Lease | undefined {
    const usable = [...this.#entries.values()].filter(
      ({ target, instanceId }) => target.phase !== 'draining' && !this.#outOfZone(instanceId),
    );
    const healthy = usable.filter(({ target }) => target.phase === 'healthy');
    const candidates = healthy.length > 0 ? healthy : usable;
    const reachable = candidates.flatMap((entry) => {
      const address = this.#addresses.resolve(entry.instanceId, entry.port);
      return address === undefined ? [] : [{ entry, address }];
    });
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER;
    const chosen = reachable[this.#turn % Math.max(1, reachable.length)];
    if (chosen === undefined) return undefined;
    const { entry, address } = chosen;
    entry.inFlight += 1;
    return {
      instanceId: entry.instanceId,
      of: reachable.length,
      address,
      agent: entry.agent,
      secure: this.#secure,
      signal: entry.cut.signal,
      release: () => {
        entry.inFlight -= 1;
        this.#removeIfDrained(entry);
      },
    };
  }

  close(): void {
    for (const entry of this.#entries.values()) this.#remove(entry);
  }

  #removeIfDrained(entry: Entry): void {
    const delay = this.#configuration.deregistrationDelaySeconds;
    if (drained(entry.target, Date.now(), entry.inFlight, delay)) this.#remove(entry);
  }

  #remove(entry: Entry): void {
    clearTimeout(entry.timer);
    // A health check that is under way sees by this that it is of no interest any more.
    entry.timer = undefined;
    this.#entries.delete(keyOf(entry.instanceId, entry.port));
    entry.cut.abort();
    entry.agent.destroy();
  }

  #schedule(entry: Entry, milliseconds: number): void {
    if (entry.target.phase === 'draining') return;
    clearTimeout(entry.timer);
    entry.timer = undefined;
    if (!this.inUse) return;
    entry.timer = setTimeout(() => void this.#check(entry), milliseconds);
  }

  async #check(entry: Entry): Promise<void> {
    const timer = entry.timer;
    const { healthCheck } = this.#configuration;
    const port = healthCheck.port === 'traffic-port' ? entry.port : Number(healthCheck.port);
    const address = this.#addresses.resolve(entry.instanceId, port);
    entry.target = checkStarted(entry.target);
    if (address !== undefined) {
      const outcome = await checkTarget(healthCheck, address);
      // Removed, drained or scheduled anew meanwhile: this outcome is of no interest any more.
      if (entry.timer !== timer) return;
      entry.target = checked(entry.target, outcome, healthCheck);
    }
    this.#schedule(entry, healthCheck.intervalSeconds * 1000);
  }
}
