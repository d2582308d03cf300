import {
  type JudgedWindow,
  type Latency,
  latencyPercentiles,
  type Traffic,
} from '../../src/rollout/index.ts';
import { normalQuantile, type Random } from './random.ts';

/** How a version answers. */
export interface Behaviour {
  /** The share of the requests that fail in a minute, 0 to 1. */
  failing: (minute: number) => number;
  /** Seconds below which a share of the answers lies in a minute. */
  seconds: (share: number, minute: number) => number;
}

/** A web service as they are: half of its answers within 80 ms, 95 % within 0.41 s. */
export const usualSeconds = (share: number): number => 0.08 * Math.exp(normalQuantile(share));

/** One request in twenty goes to something slow: the 95th percentile is now the one, now the other. */
export const twoKindsOfSeconds = (share: number): number =>
  share < 0.95 ? 0.02 * Math.exp(0.3 * normalQuantile(share / 0.95)) : 1.5 + share;

export interface Course {
  /** Requests a second, to both versions together. */
  rate: number;
  /** Percentages, one for each minute. */
  weights: readonly number[];
}

/** The minutes of a rollout, as the load balancer would have published them. */
export function windowsOf(
  random: Random,
  { rate, weights }: Course,
  { previous, current }: Record<'previous' | 'current', Behaviour>,
): JudgedWindow[] {
  return weights.map((weight, minute) => {
    const all = Math.max(0, Math.round(rate * 60 + random.normal() * Math.sqrt(rate * 60)));
    const toCurrent = random.binomial(all, weight / 100);
    return {
      start: new Date(minute * 60_000),
      end: new Date((minute + 1) * 60_000),
      weight,
      previous: trafficOf(random, all - toCurrent, { minute, ...previous }),
      current: trafficOf(random, toCurrent, { minute, ...current }),
    };
  });
}

function trafficOf(
  random: Random,
  requests: number,
  { minute, failing, seconds }: Behaviour & { minute: number },
): Traffic {
  const errors = random.binomial(requests, failing(minute));
  return {
    requests,
    errors,
    latency: requests === 0 ? undefined : latencyOf(random, requests, (share) => seconds(share, minute)),
  };
}

/** Percentiles by the nearest rank. */
function latencyOf(random: Random, requests: number, seconds: (share: number) => number): Latency {
  const ranks = latencyPercentiles.map((percentile) => Math.ceil((requests * percentile) / 100));
  const shares = random.orderStatistics(requests, ranks);
  return Object.fromEntries(
    latencyPercentiles.map((percentile, index) => [percentile, seconds(shares[index] ?? 0)]),
  ) as Latency;
}
