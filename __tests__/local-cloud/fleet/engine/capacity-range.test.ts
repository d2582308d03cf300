import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { replacementSet } from '../../../../local-cloud/fleet/engine/capacity-range.ts';
import { replacementBatch } from '../../../../src/rollout/plan/batches.ts';

const engineFile = new URL('../../../../local-cloud/fleet/engine/capacity-range.ts', import.meta.url);
const productFile = new URL('../../../../src/rollout/plan/batches.ts', import.meta.url);

/**
 * The product foretells with its rule what the fleet does by its own: neither reads the other, and here the two are
 * held against each other: every pair of percentages that AWS accepts up to 100 instances, every 13th up to 300.
 */

interface Question {
  desired: number;
  min: number;
  max: number | null;
  remaining: number;
}

/** [old instances that go before anything new serves, new ones on top of the desired capacity] */
type Rule = (question: Question) => [number, number];

const engineRule =
  (answer: typeof replacementSet): Rule =>
  ({ desired, min, max, remaining }) => {
    const percentages = { minHealthyPercentage: min, maxHealthyPercentage: max };
    const { leaveNow, comeOnTop } = answer(desired, percentages, remaining);
    return [leaveNow, comeOnTop];
  };

const productRule =
  (answer: typeof replacementBatch): Rule =>
  ({ desired, min, max, remaining }) => {
    const percentages = { minHealthyPercentage: min, maxHealthyPercentage: max };
    const { terminateFirst, surge, batch, launchFirst } = answer({ ...percentages, desired, remaining });
    if (batch !== terminateFirst + surge || launchFirst !== (terminateFirst === 0 && max !== null)) {
      throw new Error(`the batch contradicts itself: ${JSON.stringify({ desired, min, max, remaining })}`);
    }
    return [terminateFirst, surge];
  };

const upTo = (last: number, first = 0): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Every pair that StartInstanceRefresh takes: the two are at most 100 apart. */
const pairs = upTo(100).flatMap((min): [number, number | null][] => [
  [min, null],
  ...upTo(100 + min, 100).map((max): [number, number] => [min, max]),
]);

const somePairs = pairs.filter((_, index) => index % 13 === 0);

/** In small groups whatever may remain, Standby instances on top included; in big ones half and all of them. */
const remainders = (desired: number): number[] =>
  desired <= 10 ? upTo(desired + 2) : [Math.floor(desired / 2), desired];

/** The first question that the two rules answer differently, with both answers. */
function findDifference(engine: Rule, product: Rule): string | undefined {
  for (const desired of upTo(300)) {
    for (const remaining of remainders(desired)) {
      for (const [min, max] of desired <= 100 ? pairs : somePairs) {
        const question = { desired, min, max, remaining };
        const [ours, theirs] = [engine(question), product(question)];
        if (ours[0] !== theirs[0] || ours[1] !== theirs[1]) {
          return `${JSON.stringify(question)}: the fleet ${ours.join('+')}, the product ${theirs.join('+')}`;
        }
      }
    }
  }
  return undefined;
}

/** The same module with one function of Math in another's place. */
async function mutant(file: URL, right: string, wrong: string): Promise<Record<string, unknown>> {
  const source = readFileSync(file, 'utf8');
  const changed = source.replaceAll(`Math.${right}(`, `Math.${wrong}(`);
  if (changed === source) throw new Error(`${file.pathname} has no Math.${right}`);
  const { outputText } = ts.transpileModule(changed, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const url = `data:text/javascript,${encodeURIComponent(outputText)}`;
  return (await import(url)) as Record<string, unknown>;
}

describe('how many instances one set of a refresh has', () => {
  it('is the same in the fleet and in the product', () => {
    expect(findDifference(engineRule(replacementSet), productRule(replacementBatch))).toBeUndefined();
  });

  it.each([
    ['floor', 'ceil'],
    ['floor', 'round'],
  ])('differs with each Math.%s of the fleet turned into Math.%s', async (right, wrong) => {
    const { replacementSet: wronged } = await mutant(engineFile, right, wrong);
    const engine = engineRule(wronged as typeof replacementSet);
    expect(findDifference(engine, productRule(replacementBatch))).toMatch(/^{"desired":/);
  });

  it.each([
    ['ceil', 'floor'],
    ['ceil', 'round'],
    ['floor', 'ceil'],
    ['floor', 'round'],
  ])('differs with each Math.%s of the product turned into Math.%s', async (right, wrong) => {
    const { replacementBatch: wronged } = await mutant(productFile, right, wrong);
    const product = productRule(wronged as typeof replacementBatch);
    expect(findDifference(engineRule(replacementSet), product)).toMatch(/^{"desired":/);
  });

  /** AWS's own examples (User Guide and AutoScaling API), and how groups of one and of four behave. */
  it.each<[number, number, number | null, number, number]>([
    [100, 90, null, 10, 0],
    [10, 80, null, 2, 0],
    [4, 0, null, 4, 0],
    [4, 90, null, 1, 0],
    [1, 100, null, 1, 0],
    [1, 100, 100, 0, 1],
    [10, 100, 100, 0, 1],
    [10, 100, 110, 0, 1],
    [10, 100, 200, 0, 10],
    [100, 90, 120, 10, 20],
  ])('of %i at %i/%s: %i at once, %i on top', (desired, min, max, ...expected) => {
    const [leaveNow, comeOnTop] = expected;
    const percentages = { minHealthyPercentage: min, maxHealthyPercentage: max };
    expect(replacementSet(desired, percentages, desired)).toEqual({ leaveNow, comeOnTop });
  });
});
