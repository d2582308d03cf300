/**
 * What the data plane knows of rules: it learns of a change some time after the API has answered, and then of a
 * listener's rules all at once. Nothing is timed: what holds is worked out from the time at which it is asked for.
 * Assumed, because AWS does not say: a new listener is known at once, and so is that a listener or a target group is
 * gone.
 */
import { type Configuration, forwardedTo, type ListenerConfiguration } from './configuration.ts';

/** Rules, and the milliseconds since the epoch from which they hold. */
interface Version {
  from: number;
  listener: ListenerConfiguration;
}

const same = (left: ListenerConfiguration, right: ListenerConfiguration): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

export class Propagation {
  #configuration: Configuration = { loadBalancers: [], targetGroups: [] };
  /** By listener ARN, oldest first; the first of them holds, the others are on their way. */
  readonly #versions = new Map<string, Version[]>();

  /**
   * Takes over what the API has as of now.
   * @param delayMs how long changed rules take to be known
   */
  offer(configuration: Configuration, now: number, delayMs: number): void {
    this.#configuration = configuration;
    const groups = new Set(configuration.targetGroups.map(({ arn }) => arn));
    const listeners = configuration.loadBalancers.flatMap(({ listeners: all }) => all);
    for (const arn of this.#versions.keys())
      if (!listeners.some((listener) => listener.arn === arn)) this.#versions.delete(arn);
    for (const listener of listeners) {
      const [held, ...coming] = this.#settled(listener.arn, now);
      const newest = coming.at(-1) ?? held;
      const astray = held !== undefined && forwardedTo(held.listener).some((arn) => !groups.has(arn));
      if (newest === undefined || astray) this.#versions.set(listener.arn, [{ from: now, listener }]);
      else if (!same(newest.listener, listener)) {
        const from = now + delayMs;
        // What comes sooner than a change before it makes that one void.
        const earlier = coming.filter((version) => version.from < from);
        this.#versions.set(listener.arn, [...(held ? [held] : []), ...earlier, { from, listener }]);
      }
    }
    for (const { arn } of listeners) this.#settled(arn, now);
  }

  /** Forgets what was before the rules that hold now. */
  #settled(arn: string, now: number): Version[] {
    const all = this.#versions.get(arn) ?? [];
    const holding = all.findLastIndex(({ from }) => from <= now);
    const left = holding <= 0 ? all : all.slice(holding);
    if (left !== all) this.#versions.set(arn, left);
    return left;
  }

  /** The rules of a listener that requests meet now; undefined when there is no such listener. */
  listener(arn: string, now: number): ListenerConfiguration | undefined {
    return this.#settled(arn, now)[0]?.listener;
  }

  /** The configuration as requests meet it now. */
  current(now: number): Configuration {
    const { loadBalancers, targetGroups } = this.#configuration;
    return {
      targetGroups,
      loadBalancers: loadBalancers.map((balancer) => ({
        ...balancer,
        listeners: balancer.listeners.map((listener) => this.listener(listener.arn, now) ?? listener),
      })),
    };
  }
}
