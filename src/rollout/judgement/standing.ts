import { type Draw, evidence } from './evidence.ts';
import { type Look, rateOf, totalsOf } from './looks.ts';
import type { JudgementRules } from './rules.ts';
import { isSlower, slowDraw } from './slowness.ts';

/** What is measured of a version. */
export type Measure = 'errors' | 'latency';

/** How something that is measured stands after a look. */
export interface Standing {
  measure: Measure;
  look: Look;
  /** Bad requests of this look, minute by minute. */
  draws: readonly Draw[];
  /** Of this look and those before it: see `evidence`. */
  evidence: number;
  /** In this look by itself the new version is worse, by more than the floor or the margin. */
  worse: boolean;
  /** It is so much worse that this look is enough, if it is not chance. */
  muchWorse: boolean;
}

/** How everything that is measured stands after each look: a row for each thing, and each a chance to be wrong. */
export function standings(looks: readonly Look[], rules: JudgementRules): Standing[][] {
  const beside = looks.filter(([first]) => first?.alone === false);
  const alone = looks.filter(([first]) => first?.alone === true);
  return [errorsBeside(beside, rules), errorsAlone(alone, rules), latencyBeside(beside, rules)];
}

/**
 * What looks in a row say without the one that says most: whether it is more than one bad minute, which instances that
 * have just come up may have.
 */
export function withoutStrongest(row: readonly Standing[]): number {
  const without = row.map((left) => row.filter((one) => one !== left).map(({ draws }) => draws));
  return Math.min(...without.map((rest) => evidence(rest).at(-1) ?? 0));
}

function errorsBeside(looks: readonly Look[], { errorFloor, overwhelming }: JudgementRules): Standing[] {
  const draws = looks.map((look) => look.map((minute) => errorDraw([minute])));
  const reached = evidence(draws);
  return looks.map((look, index) => ({
    ...{ measure: 'errors', look, draws: draws[index] ?? [], evidence: reached[index] ?? 0 },
    ...isWorse(look, { floor: errorFloor, much: overwhelming.more }),
  }));
}

/**
 * All looks are compared with the same minutes before, and none of them is a draw of its own: each has to convince by
 * itself, the n-th with 1 / (n (n + 1)) of the chance, which add up to it (Bonferroni).
 */
function errorsAlone(looks: readonly Look[], { errorFloorAlone, overwhelming }: JudgementRules): Standing[] {
  return looks.map((look, index) => {
    const draws = [errorDraw(look)];
    const [reached = 0] = evidence([draws]);
    const spent = Math.log((index + 1) * (index + 2));
    return {
      ...{ measure: 'errors', look, draws, evidence: reached - spent },
      ...isWorse(look, { floor: errorFloorAlone, much: overwhelming.moreAlone }),
    };
  });
}

function errorDraw(look: Look): Draw {
  const { current, previous } = totalsOf(look);
  const requests = Math.max(1, current.requests + previous.requests);
  return {
    share: current.requests / requests,
    current: current.errors,
    all: current.errors + previous.errors,
  };
}

function isWorse(
  look: Look,
  { floor, much }: { floor: number; much: number },
): Pick<Standing, 'worse' | 'muchWorse'> {
  const { current, previous } = totalsOf(look);
  const more = rateOf(current) - rateOf(previous);
  return { worse: more >= floor, muchWorse: more >= much };
}

function latencyBeside(looks: readonly Look[], rules: JudgementRules): Standing[] {
  const draws = looks.map((look) =>
    look.map((minute) => slowDraw(minute, rules)).filter((draw) => draw !== undefined),
  );
  const reached = evidence(draws);
  return looks.map((look, index) => ({
    ...{ measure: 'latency', look, draws: draws[index] ?? [], evidence: reached[index] ?? 0 },
    worse: look.filter((minute) => isSlower(minute, rules)).length > look.length / 2,
    // Slow answers are answers: a first minute with cold caches is not worth undoing a rollout.
    muchWorse: false,
  }));
}
