/** Any two groups, whatever has become of them: what is decided never sends a request to where nothing serves. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextStep, sizeOf, type CourseRules } from '../../../src/rollout/blue-green/course.ts';
import {
  isUp,
  routeTo,
  sideToGoBackTo,
  stateOf,
  stateWithAll,
  stateWords,
  tooFew,
  type Side,
} from '../../../src/rollout/blue-green/state.ts';
import { runs } from '../../support/property.ts';
import { side } from './helpers.ts';

const version = fc.integer({ min: 40, max: 42 });

interface Drawn {
  version: number;
  desired: number;
  staying: number;
  healthy: number;
  others: number;
  frozen: boolean;
  pinned: boolean;
  mark: [number, number] | undefined;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  version,
  desired: fc.nat(3),
  staying: fc.nat(4),
  healthy: fc.nat(4),
  others: fc.nat(4),
  frozen: fc.boolean(),
  pinned: fc.boolean(),
  mark: fc.option(fc.tuple(version, version), { nil: undefined }),
});

function sideOf(name: 'blue' | 'green', weight: number, of: Drawn): Side {
  const { desired, staying, frozen, pinned, mark } = of;
  return side(name, {
    ...{ version: of.version, desired, weight, staying, serving: Math.min(of.healthy, staying) },
    ...{ others: Math.min(of.others, staying), ...(mark && { mark }) },
    sizes: [frozen || pinned ? desired : 0, frozen ? desired : 6],
  });
}

/** Weights of a rule: mostly 100 in all, as the action leaves them. */
const sides = fc
  .tuple(fc.constantFrom(0, 10, 50, 90, 100), fc.boolean(), drawn, drawn)
  .map(([weight, none, blue, green]): [Side, Side] => [
    sideOf('blue', none && weight === 0 ? 0 : 100 - weight, blue),
    sideOf('green', weight, green),
  ]);

const rules: fc.Arbitrary<Omit<CourseRules, 'version'>> = fc.record({
  gradually: fc.boolean(),
  steps: fc.constantFrom([100], [10, 100], [10, 50, 90, 100]),
  pauseAt: fc.constantFrom(undefined, 10, 50),
  preview: fc.boolean(),
  bakeTime: fc.constantFrom(0, 10),
});

/** What the world makes of a step. */
function after(from: Side, to: Side, step: ReturnType<typeof nextStep>, wanted: number): [Side, Side] {
  const resized = (of: Side, group: Partial<Side['group']>, more: Partial<Side> = {}): Side => ({
    ...of,
    ...more,
    group: { ...of.group, ...group },
  });
  switch (step.kind) {
    case 'empty':
      return [from, resized(to, { minSize: 0, desired: 0 })];
    case 'emptying':
      return [from, { ...to, staying: 0, serving: 0, others: 0 }];
    case 'pin':
      return [resized(from, { minSize: from.group.desired }), to];
    case 'launch':
      return [from, resized(to, { minSize: step.size, desired: step.size }, { version: wanted, others: 0 })];
    case 'coming-up':
      return [from, { ...to, staying: to.group.desired, serving: to.group.desired }];
    case 'shift':
      return [
        { ...from, weight: 100 - step.weight },
        { ...to, weight: step.weight },
      ];
    case 'preview':
    case 'judge':
    case 'pause':
    case 'bake':
    case 'done':
      return [from, to];
  }
}

describe('any two groups behind one rule', () => {
  it('are led to one that has all requests and serves, and no request to nothing on the way', () => {
    fc.assert(
      fc.property(sides, version, fc.boolean(), rules, (both, wanted, keep, given) => {
        const state = stateOf(both);
        const route = routeTo(state, wanted, keep);
        expect(stateWords(state)).not.toMatch(/undefined|NaN/);
        if (state.kind === 'damaged') expect(route.kind).toBe('busy');
        if (route.kind === 'there') expect(route.side.version).toBe(wanted);
        if (route.kind !== 'move') return;
        const course = { ...given, version: wanted };
        const memory = { previewed: false, judged: undefined as number | undefined, baked: 0 };
        let { from, to } = route;
        if (sizeOf(from, to) === 0) return;
        for (let looks = 0; ; looks += 1) {
          if (looks > 60) throw new Error(`it never ends: ${JSON.stringify({ from, to })}`);
          const step = nextStep({ from, to }, course, memory);
          if (step.kind === 'shift')
            expect([to.serving > 0, to.serving >= to.group.desired]).toEqual([true, true]);
          if (step.kind === 'empty') expect(to.weight).toBe(0);
          if (step.kind === 'preview') memory.previewed = true;
          if (step.kind === 'judge') memory.judged = step.weight;
          if (step.kind === 'bake') memory.baked += 5;
          // Nothing is wanted there any more: the run waits, and says so in the end.
          if (step.kind === 'coming-up' && to.group.desired === 0) return;
          if (step.kind === 'pause') return;
          if (step.kind === 'done') break;
          [from, to] = after(from, to, step, wanted);
        }
        expect({ weight: to.weight, version: to.version, others: to.others }).toEqual({
          ...{ weight: 100, version: wanted, others: 0 },
        });
        expect(to.serving).toBeGreaterThan(0);
      }),
      runs(10_000),
    );
  });

  it('never give the requests back to what does not serve', () => {
    fc.assert(
      fc.property(sides, fc.boolean(), ([blue, green], isOwn) => {
        for (const [kept, gone] of [
          [blue, green],
          [green, blue],
        ] as const) {
          if (tooFew(kept, gone, isOwn) !== undefined) continue;
          expect(kept.serving).toBeGreaterThan(0);
          const { kind } = stateWithAll([blue, green], kept.name);
          if (isUp(kept)) expect(kind).not.toBe('damaged');
        }
        const back = sideToGoBackTo(stateOf([blue, green]));
        if (back !== undefined) expect([blue.name, green.name]).toContain(back.name);
      }),
      runs(10_000),
    );
  });
});
