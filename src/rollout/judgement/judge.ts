import { type Look, looksOf, minutesOf, type Total, totalsOf } from './looks.ts';
import { defaultRules, type JudgedWindow, type JudgementRules } from './rules.ts';
import { type Measure, type Standing, standings, withoutStrongest } from './standing.ts';
import { whyGood, whyInconclusive, whyWorse } from './words.ts';

/** How the new version stands beside the one before. */
export interface Judgement {
  /**
   * `good`: enough requests of this step were seen, and it is no worse. `bad`: it is worse, by more than chance and more
   * than the floor or the margin. `suspicious`: it looks worse, and the next minutes will tell: no time to send it more
   * requests. `inconclusive`: too few requests.
   */
  verdict: 'good' | 'bad' | 'suspicious' | 'inconclusive';
  /** What it is worse in; undefined where it is not. */
  measure: Measure | undefined;
  /** The figures in words, without a full stop. */
  because: string;
  /** Requests and errors of both versions in this step. */
  step: Record<'current' | 'previous', Total>;
}

/**
 * Judges a new version against the one before, which serves at the same time. Pure; where its rules come from, and how
 * often they are wrong: docs/judgement.md.
 *
 * @param windows every full minute of this rollout since the first shift in which the requests followed the weights,
 *   oldest first; the weight of the last one says which step is judged. Give all of them every time: it is over the whole
 *   of them that a false alarm is rare. At 100 % the version before has no requests: there the failed requests alone are
 *   compared, with those of the minutes before that step.
 * @param previousVersion the template version before, for the words
 */
export function judge(
  windows: readonly JudgedWindow[],
  { previousVersion, rules: given }: { previousVersion?: number; rules?: Partial<JudgementRules> } = {},
): Judgement {
  const rules = { ...defaultRules, ...given };
  const minutes = minutesOf(windows);
  const weight = windows.at(-1)?.weight;
  const inStep = minutes.slice(minutes.findLastIndex((minute) => minute.weight !== weight) + 1);
  const words = { previousVersion, rules };
  const step = totalsOf(inStep);
  const found = findWorse(looksOf(minutes, rules), { rules, inStep });
  if (found !== undefined) {
    const { verdict, measure, seen } = found;
    return { verdict, measure, because: whyWorse(seen, { ...words, verdict, measure }), step };
  }
  const [verdict, because] = isEnough(inStep, rules)
    ? (['good', whyGood(inStep, words)] as const)
    : (['inconclusive', whyInconclusive(inStep, words)] as const);
  return { verdict, measure: undefined, because, step };
}

/** A version is called good only where one that fails would most likely have been seen, which takes requests to both. */
function isEnough(inStep: Look, { enoughRequests }: JudgementRules): boolean {
  const { current, previous } = totalsOf(inStep);
  return Math.min(current.requests, previous.requests) >= enoughRequests;
}

interface Found {
  verdict: 'bad' | 'suspicious';
  measure: Measure;
  /** The minutes that show it. */
  seen: Look;
}

/** What speaks against the new version; what condemns it before what is only suspicious. */
function findWorse(
  looks: readonly Look[],
  { rules, inStep }: { rules: JudgementRules; inStep: Look },
): Found | undefined {
  const rows = standings(looks, rules);
  const found = rows.flatMap((row) => {
    const last = row.at(-1);
    const verdict = last && verdictOf(row, last, rules);
    if (last === undefined || verdict === undefined) return [];
    // What looked worse at the step before was looked at again then.
    if (verdict === 'suspicious' && !inStep.some((minute) => minute === last.look[0])) return [];
    const seen = latestWorse(row).slice(-rules.looksToCondemn);
    return [{ verdict, measure: last.measure, seen: seen.flatMap(({ look }) => look) }];
  });
  return found.find(({ verdict }) => verdict === 'bad') ?? found[0];
}

/** The looks up to the last one that are worse one after the other. */
function latestWorse(row: readonly Standing[]): Standing[] {
  return row.slice(row.findLastIndex(({ worse }) => !worse) + 1);
}

function verdictOf(
  row: readonly Standing[],
  last: Standing,
  { chance, looksToCondemn, overwhelming, suspicion }: JudgementRules,
): Found['verdict'] | undefined {
  const reaches = (limit: number, reached = last.evidence): boolean => reached >= -Math.log(limit);
  if (!last.worse) return undefined;
  if (last.muchWorse && reaches(chance * overwhelming.factor)) return 'bad';
  const inARow = latestWorse(row);
  const lasts = inARow.length >= looksToCondemn && reaches(suspicion, withoutStrongest(inARow));
  if (lasts && reaches(chance)) return 'bad';
  return reaches(suspicion) ? 'suspicious' : undefined;
}
