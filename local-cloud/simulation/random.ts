/** Chance that can be repeated: the same seed gives the same draws. */

/** Numbers from 0 up to, not including, 1. */
export type Random = () => number;

/**
 * A generator of its own for each place and time, so that what is drawn at one does not shift the others.
 * The mixing is that of SplitMix32: https://doi.org/10.1145/2714064.2660195
 */
export function randomOf(...seeds: number[]): Random {
  let state = 0;
  const mixed = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mix = state ^ (state >>> 16);
    mix = Math.imul(mix, 0x21f0aaad);
    mix ^= mix >>> 15;
    mix = Math.imul(mix, 0x735a2d97);
    return (mix ^ (mix >>> 15)) >>> 0;
  };
  for (const seed of seeds) state = (mixed() ^ Math.trunc(seed)) | 0;
  return () => mixed() / 2 ** 32;
}

/** Standard normal, by Box and Muller. */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** From so many expected hits on, and as many misses, the normal curve is as good as counting. */
const MANY = 30;

/** How many of n succeed, each with the probability. Costs no more for a million than for a hundred. */
export function binomial(random: Random, n: number, probability: number): number {
  if (n <= 0 || probability <= 0) return 0;
  if (probability >= 1) return n;
  if (probability > 0.5) return n - binomial(random, n, 1 - probability);
  const mean = n * probability;
  if (mean >= MANY) {
    const drawn = Math.round(mean + normal(random) * Math.sqrt(mean * (1 - probability)));
    return Math.min(n, Math.max(0, drawn));
  }
  // Goes from hit to hit: the misses between two are geometric.
  const misses = Math.log(1 - probability);
  let hits = -1;
  for (let at = 0; at <= n; hits += 1) at += Math.floor(Math.log(1 - random()) / misses) + 1;
  return hits;
}

/** Shares n out by weight. All are 0 where every weight is. */
export function multinomial(random: Random, n: number, weights: readonly number[]): number[] {
  let left = n;
  let total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => {
    const share = total <= 0 ? 0 : binomial(random, left, weight / total);
    left -= share;
    total -= weight;
    return share;
  });
}
