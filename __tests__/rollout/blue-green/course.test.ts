import { describe, expect, it } from '@jest/globals';
import { nextStep, type CourseRules, type Memory } from '../../../src/rollout/blue-green/course.ts';
import type { Side } from '../../../src/rollout/blue-green/state.ts';
import { group } from '../helpers/observations.ts';
import { side } from './helpers.ts';

const rules: CourseRules = {
  ...{ version: 42, gradually: true, steps: [10, 50, 100], pauseAt: undefined, preview: false, bakeTime: 60 },
};
const fresh: Memory = { previewed: false, judged: undefined, baked: 0 };
const from = (weight: number, change: Parameters<typeof side>[1] = {}) =>
  side('blue', { version: 41, desired: 3, sizes: [3, 6], weight, ...change });
const to = (weight: number, change: Parameters<typeof side>[1] = {}) =>
  side('green', { version: 42, desired: 3, sizes: [3, 6], weight, ...change });

type Row = [
  title: string,
  sides: { from: Side; to: Side },
  step: string,
  rules?: Partial<CourseRules>,
  memory?: Partial<Memory>,
];

const table: Row[] = [
  [
    'the old side may shrink',
    { from: from(100, { sizes: [1, 6] }), to: to(0, { version: 40, desired: 0 }) },
    'pin',
  ],
  ['nothing is launched', { from: from(100), to: to(0, { version: 40, desired: 0 }) }, 'launch 3'],
  [
    'an answer was lost: the version is saved, the size is not',
    { from: from(100), to: to(0, { desired: 0 }) },
    'launch 3',
  ],
  ['the new side may shrink', { from: from(100), to: to(0, { sizes: [0, 6] }) }, 'launch 3'],
  ['too few are wanted', { from: from(100), to: to(0, { desired: 2 }) }, 'launch 3'],
  ['another version is left there', { from: from(100), to: to(0, { version: 40 }) }, 'empty'],
  ['some of another version are left there', { from: from(100), to: to(0, { others: 1 }) }, 'empty'],
  [
    'it is on its way out',
    { from: from(100), to: { ...to(0, { version: 40, desired: 0 }), staying: 2 } },
    'emptying',
  ],
  ['they come up', { from: from(100), to: to(0, { serving: 2 }) }, 'coming-up'],
  [
    'both were scaled to nothing in this moment',
    { from: { ...from(100), group: group({ desired: 0, minSize: 0 }) }, to: to(0, { desired: 0 }) },
    'coming-up',
  ],
  ['the preview has not been asked', { from: from(100), to: to(0) }, 'preview', { preview: true }],
  ['it has', { from: from(100), to: to(0) }, 'shift 10', { preview: true }, { previewed: true }],
  ['no preview is asked for', { from: from(100), to: to(0) }, 'shift 10'],
  ['a share is not judged', { from: from(90), to: to(10) }, 'judge 10'],
  ['another share was', { from: from(50), to: to(50) }, 'judge 50', {}, { judged: 10 }],
  ['a share is judged', { from: from(90), to: to(10) }, 'shift 50', {}, { judged: 10 }],
  ['a share that is no step is judged', { from: from(67), to: to(33) }, 'shift 50', {}, { judged: 33 }],
  [
    'one of the new ones went away',
    { from: from(90), to: to(10, { serving: 2 }) },
    'coming-up',
    {},
    { judged: 10 },
  ],
  [
    'the old side has grown',
    { from: from(90, { desired: 5, sizes: [5, 6] }), to: to(10) },
    'launch 5',
    {},
    { judged: 10 },
  ],
  ['the old side has grown and may shrink', { from: from(90, { desired: 5 }), to: to(10) }, 'pin'],
  ['a person is waited for', { from: from(90), to: to(10) }, 'pause 10', { pauseAt: 10 }, { judged: 10 }],
  ['only when it is judged', { from: from(90), to: to(10) }, 'judge 10', { pauseAt: 10 }],
  [
    'the place to pause is no step',
    { from: from(90), to: to(10) },
    'shift 30',
    { pauseAt: 30 },
    { judged: 10 },
  ],
  ['all requests, not yet for long', { from: from(0), to: to(100) }, 'bake'],
  ['all requests, for long enough', { from: from(0), to: to(100) }, 'done', {}, { baked: 60 }],
  [
    'the old side is smaller by now, and has no requests',
    { from: from(0, { desired: 5, sizes: [5, 6] }), to: to(100) },
    'bake',
  ],
  ['at once', { from: from(100), to: to(0) }, 'shift 100', { gradually: false, pauseAt: 10 }],
  ['at once, from a share', { from: from(90), to: to(10) }, 'shift 100', { gradually: false }],
  [
    'nothing is left of the old side',
    { from: from(100, { desired: 0, sizes: [0, 6] }), to: to(0) },
    'shift 10',
  ],
];

describe('the next step of a course', () => {
  it.each(table)('%s', (...row) => {
    const [, sides, step, change = {}, memory = {}] = row;
    const next = nextStep(sides, { ...rules, ...change }, { ...fresh, ...memory });
    const value = 'weight' in next ? ` ${next.weight}` : 'size' in next ? ` ${next.size}` : '';
    expect(`${next.kind}${value}`).toBe(step);
  });
});
