/** Response times: a log-normal distribution, as services have it, from its median and its 95th percentile. */
import { multinomial, normal, type Random } from './random.ts';

/** Seconds. */
export interface Latency {
  median: number;
  p95: number;
}

/** The 95th percentile of the standard normal distribution. */
const Z95 = 1.6449;

/** Up to so many requests each gets a time of its own; more than that are counted by the classes below. */
const FEW = 60;

/**
 * Classes by the share of requests in them and the standard normal's quantile in their middle. They are laid so that
 * p50, p90, p95 and p99 each fall into the middle of one.
 */
const CLASSES: readonly (readonly [share: number, z: number])[] = [
  [0.05, -1.96],
  [0.1, -1.2816],
  [0.1, -0.8416],
  [0.1, -0.5244],
  [0.1, -0.2533],
  [0.1, 0],
  [0.1, 0.2533],
  [0.1, 0.5244],
  [0.1, 0.8416],
  [0.03, 1.1031],
  [0.04, 1.2816],
  [0.02, 1.4758],
  [0.02, 1.6449],
  [0.025, 1.9189],
  [0.01, 2.3263],
  [0.004, 2.7478],
  [0.001, 3.2905],
];

const atZ = ({ median, p95 }: Latency, z: number): number =>
  Math.max(0.001, Math.round(median * Math.exp((z * Math.log(p95 / median)) / Z95) * 1000) / 1000);

/** How often which response time, in seconds, came up in n requests. */
export function drawLatencies(random: Random, n: number, latency: Latency): Map<number, number> {
  const drawn = new Map<number, number>();
  const add = (seconds: number, times: number): void => {
    if (times > 0) drawn.set(seconds, (drawn.get(seconds) ?? 0) + times);
  };
  if (n <= FEW) {
    for (let request = 0; request < n; request += 1) add(atZ(latency, normal(random)), 1);
    return drawn;
  }
  const counts = multinomial(
    random,
    n,
    CLASSES.map(([share]) => share),
  );
  CLASSES.forEach(([, z], index) => add(atZ(latency, z), counts[index] ?? 0));
  return drawn;
}
