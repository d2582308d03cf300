import { mulberry32 } from '../mulberry32.ts';

/** Draws from distributions, the same ones for the same seed on every machine. */
export class Random {
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#draw = mulberry32(seed);
  }

  /** Between 0 and 1, neither of them. */
  uniform(): number {
    return (this.#draw() + 0.5) / 2 ** 32;
  }

  /** Mean 0, deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** How often something of the chance `p` happens in `n` trials: exact where it is rare, else by the normal law. */
  binomial(n: number, p: number): number {
    if (p > 0.5) return n - this.binomial(n, 1 - p);
    const mean = n * p;
    if (mean > 200)
      return Math.min(n, Math.max(0, Math.round(mean + this.normal() * Math.sqrt(mean * (1 - p)))));
    // From one success to the next: the gaps are geometric.
    const skip = Math.log1p(-p);
    let successes = 0;
    for (let at = 0; p > 0; successes += 1) {
      at += Math.floor(Math.log(this.uniform()) / skip) + 1;
      if (at > n) break;
    }
    return successes;
  }

  /** The sum of `shape` waiting times of mean 1 (Marsaglia and Tsang 2000). */
  gamma(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** What the `ranks` smallest of `n` uniform draws are, ranks rising from 1: without drawing all of them. */
  orderStatistics(n: number, ranks: readonly number[]): number[] {
    let sum = 0;
    const sums = ranks.map((rank, index) => {
      const gap = rank - (ranks[index - 1] ?? 0);
      return gap === 0 ? sum : (sum += this.gamma(gap));
    });
    const all = sum + this.gamma(n + 1 - (ranks.at(-1) ?? 0));
    return sums.map((each) => each / all);
  }
}

/** The value below which a standard normal lies with the chance `p` (Acklam; exact to nine digits). */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  const polynomial = (of: readonly number[], x: number): number => of.reduce((sum, one) => sum * x + one, 0);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(tailOver, q) / polynomial(tailUnder, q);
  }
  const q = p - 0.5;
  return (polynomial(middleOver, q ** 2) * q) / polynomial(middleUnder, q ** 2);
}

const middleOver = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
];
const middleUnder = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
];
const tailOver = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const tailUnder = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
