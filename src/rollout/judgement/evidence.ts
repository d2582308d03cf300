/** Requests that were bad (failed, or were slow) in one minute, and who had them. */
export interface Draw {
  /** The share of all requests that the new version had: 0 to 1. */
  share: number;
  /** Bad requests of the new version. */
  current: number;
  /** Bad requests of both. */
  all: number;
}

/** How much oftener than its share the new version might have the bad requests: what is looked for. */
const odds = [1.5, 2, 3, 5, 10, 30, 100];

/**
 * How strongly a row of looks speaks against the new version, after each of them: a logarithm, 0 for nothing. Looks may
 * be taken as often as one likes: for two equal versions the chance that it ever reaches log(1 / p) is at most p.
 *
 * The load balancer draws lots. If the versions are equal, each bad request hits the new one with the chance of its share
 * of the requests, however bad the minute was, so that its bad requests are those of a draw from an urn. The product of
 * the likelihood ratios, draw by draw, of "it hits the new one `odds` times as easily" is then a martingale that starts
 * at 1, and Ville's inequality bounds it for ever. It holds for any number of bad requests, also for one. The binomial
 * likelihood is used, which for draws without replacement errs on the new version's side (Hoeffding 1963, theorem 4).
 * Both how much worse the version is and since which look are unknown: the mean over `odds`, and over the first look with
 * weights 1 / (n (n + 1)), is a martingale as well, so that a version which turns bad late is seen, too.
 *
 * Robbins 1970 (mixtures); Lindon, Sanden, Shirikian 2022, "Rapid Regression Detection in Software Deployments through
 * Sequential Testing" (the use for deployments).
 */
export function evidence(looks: readonly (readonly Draw[])[]): number[] {
  const byOdds = odds.map((ratio) => {
    let begun = -Infinity;
    return looks.map((draws, index) => {
      const gain = draws.reduce((sum, draw) => sum + logLikelihoodRatio(draw, ratio), 0);
      begun = logSum(begun, -Math.log((index + 1) * (index + 2))) + gain;
      return logSum(begun, -Math.log(index + 2));
    });
  });
  return looks.map(
    (_look, index) => byOdds.map((row) => row[index] ?? 0).reduce(logSum, -Infinity) - Math.log(odds.length),
  );
}

function logLikelihoodRatio({ share, current, all }: Draw, ratio: number): number {
  return current * Math.log(ratio) - all * Math.log(1 + share * (ratio - 1));
}

/** log(e^a + e^b) */
function logSum(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === -Infinity ? larger : larger + Math.log(Math.exp(a - larger) + Math.exp(b - larger));
}
