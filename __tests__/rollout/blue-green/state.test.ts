import { describe, expect, it } from '@jest/globals';
import { routeTo, sideOf, stateOf, stateWords, type Side } from '../../../src/rollout/blue-green/state.ts';
import { group, instance } from '../helpers/observations.ts';
import { side } from './helpers.ts';

const blue = (change: Parameters<typeof side>[1]) => side('blue', change);
const green = (change: Parameters<typeof side>[1]) => side('green', change);

/** 41 runs, and 42 comes. */
const old = { version: 41, desired: 3 };
const fresh = { version: 42, desired: 3 };
const frozen: { sizes: [number, number] } = { sizes: [3, 3] };

/** Every state, and where each version goes from there. */
const table: [
  title: string,
  sides: [Side, Side],
  kind: string,
  fromTo: string,
  to41: string,
  to42: string,
  to43: string,
][] = [
  [
    'nothing under way',
    [blue({ ...old, weight: 100 }), green({ version: 40 })],
    'steady',
    'blue green',
    'there',
    'green by steps',
    'green by steps',
  ],
  [
    'the same, in green',
    [blue({ version: 40 }), green({ ...old, weight: 100 })],
    'steady',
    'green blue',
    'there',
    'blue by steps',
    'blue by steps',
  ],
  [
    'scaled to nothing',
    [blue({ version: 41, weight: 100 }), green({ version: 40 })],
    'steady',
    'blue green',
    'there',
    'green',
    'green',
  ],
  [
    'the version before is kept',
    [blue({ ...old, ...frozen }), green({ ...fresh, weight: 100 })],
    'warm',
    'green blue',
    'blue',
    'green',
    'blue by steps',
  ],
  [
    'the new one comes up',
    [blue({ ...old, weight: 100 }), green({ ...fresh, serving: 1 })],
    'launching',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  [
    'it is ordered, and not there yet',
    [blue({ ...old, weight: 100 }), green({ ...fresh, staying: 0, serving: 0 })],
    'launching',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  [
    'the first share',
    [blue({ ...old, weight: 90 }), green({ ...fresh, weight: 10 })],
    'shifting',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  [
    'half',
    [blue({ ...fresh, weight: 50 }), green({ ...old, weight: 50 })],
    'shifting',
    'green blue',
    'green',
    'blue by steps',
    'busy',
  ],
  [
    'most',
    [blue({ ...old, weight: 10 }), green({ ...fresh, weight: 90 })],
    'shifting',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  [
    'all, and the old fleet is whole',
    [blue(old), green({ ...fresh, weight: 100 })],
    'baking',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  [
    'the same, at its maximum, as the tag says',
    [blue({ ...old, ...frozen }), green({ ...fresh, weight: 100, mark: [41, 42] })],
    'baking',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  [
    'a rollback comes up, as the tag says',
    [blue({ ...old, mark: [42, 41], serving: 1 }), green({ ...fresh, weight: 100 })],
    'launching',
    'green blue',
    'blue',
    'green',
    'busy',
  ],
  [
    'a rollback has all requests, as the tag says',
    [blue({ ...old, mark: [42, 41], weight: 100 }), green(fresh)],
    'baking',
    'green blue',
    'blue',
    'green',
    'busy',
  ],
  [
    'a rollback has some requests, as the tag says',
    [blue({ ...old, mark: [42, 41], weight: 10 }), green({ ...fresh, weight: 90 })],
    'shifting',
    'green blue',
    'blue',
    'green',
    'busy',
  ],
  [
    'a tag that was left of a rollout that is over',
    [blue({ version: 41 }), green({ ...fresh, weight: 100, mark: [41, 42] })],
    'steady',
    'green blue',
    'blue',
    'there',
    'blue by steps',
  ],
  [
    'a tag of another version than the group launches',
    [blue({ ...old, mark: [42, 39] }), green({ ...fresh, weight: 100 })],
    'baking',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  [
    'one comes up without a tag, and the one that serves has that of its own rollout',
    [blue({ ...fresh, serving: 1 }), green({ ...old, weight: 100, mark: [40, 41] })],
    'launching',
    'green blue',
    'green',
    'blue by steps',
    'busy',
  ],
  [
    'the same, with its first share',
    [blue({ ...fresh, weight: 10 }), green({ ...old, weight: 90, mark: [40, 41] })],
    'shifting',
    'green blue',
    'green',
    'blue by steps',
    'busy',
  ],
  [
    'the version before is kept, with the tag of its own rollout',
    [blue({ ...old, ...frozen, mark: [40, 41] }), green({ ...fresh, weight: 100 })],
    'warm',
    'green blue',
    'blue',
    'green',
    'blue by steps',
  ],
  [
    'tags on both',
    [blue({ ...old, mark: [42, 41], weight: 100 }), green({ ...fresh, mark: [41, 42] })],
    'launching',
    'blue green',
    'blue',
    'green by steps',
    'busy',
  ],
  ['no weight at all', [blue(old), green(fresh)], 'damaged', 'blue green', 'busy', 'busy', 'busy'],
  [
    'all to nothing',
    [blue(old), green({ version: 42, weight: 100 })],
    'damaged',
    'green blue',
    'busy',
    'busy',
    'busy',
  ],
  [
    'a share to nothing',
    [blue({ ...old, weight: 90 }), green({ version: 42, weight: 10 })],
    'damaged',
    'blue green',
    'busy',
    'busy',
    'busy',
  ],
];

describe('two groups behind one rule', () => {
  it.each(table)('%s', (...row) => {
    const [, sides, kind, fromTo, ...routes] = row;
    const state = stateOf(sides);
    expect(state.kind).toBe(kind);
    expect(`${state.from.name} ${state.to.name}`).toBe(fromTo);
    expect([41, 42, 43].map((version) => routeWords(state, version))).toEqual(routes);
    expect(stateWords(state)).not.toBe('');
  });

  it('keep the version before where that is wanted', () => {
    const state = stateOf([blue({ ...old, ...frozen }), green({ ...fresh, weight: 100 })]);
    expect(routeTo(state, 42, true)).toMatchObject({ kind: 'there', side: { name: 'green' } });
  });
});

function routeWords(state: ReturnType<typeof stateOf>, version: number): string {
  const route = routeTo(state, version, false);
  if (route.kind !== 'move') return route.kind;
  return `${route.to.name}${route.gradually ? ' by steps' : ''}`;
}

describe('a side', () => {
  it('counts what stays, what serves and what runs another version, and its share of any weights', () => {
    const instances = [
      instance('i-1', { templateVersion: 42 }),
      instance('i-2', { templateVersion: 41 }),
      instance('i-3', { templateVersion: 42, lifecycleState: 'Terminating:Wait' }),
      instance('i-4', { templateVersion: 42, lifecycleState: 'Pending' }),
    ];
    const targets = ['i-1', 'i-2', 'i-3', 'i-4'].map((instanceId) => ({
      ...{ targetGroupArn: 'arn', instanceId, port: 80, state: 'healthy', reason: '', description: '' },
    }));
    const of = group({ instances, template: { id: 'lt-1', name: 'shop', version: '42' } });
    const rule = { weights: { arn: 3, other: 6 }, sticky: false };
    expect(sideOf(of, 'arn', { rule, targets })).toMatchObject({
      ...{ weight: 33, version: 42, staying: 3, serving: 2, others: 1 },
    });
    const latest = group({ template: { id: 'lt-1', name: 'shop', version: '$Latest' } });
    expect(sideOf(latest, 'nobody', { rule: { weights: {}, sticky: false }, targets })).toMatchObject({
      ...{ weight: 0, version: undefined, serving: 0 },
    });
  });
});
