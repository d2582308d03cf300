import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Configuration } from '../../../local-cloud/load-balancer/configuration.ts';
import { Propagation } from '../../../local-cloud/load-balancer/propagation.ts';
import { configuration, targetGroup } from '../helpers/load-balancer.ts';

const LISTENER = 'arn:listener/one';

/** Two groups behind the only rule, with these weights. */
function weighted(...weights: number[]): Configuration {
  const groups = weights.map((_, index) => targetGroup({ arn: `tg/${index}` }));
  const current = configuration(groups);
  for (const { listeners } of current.loadBalancers)
    for (const { rules } of listeners)
      for (const rule of rules)
        rule.action = {
          type: 'forward',
          targetGroups: groups.map(({ arn }, index) => ({ arn, weight: weights[index] ?? 0 })),
        };
  return current;
}

let propagation: Propagation;

const weightsAt = (now: number): number[] | undefined => {
  const action = propagation.listener(LISTENER, now)?.rules[0]?.action;
  return action?.type === 'forward' ? action.targetGroups.map(({ weight }) => weight) : undefined;
};

beforeEach(() => {
  propagation = new Propagation();
  propagation.offer(weighted(100, 0), 0, 5000);
});

describe('rules that were changed', () => {
  it('are met when the delay is over, and all at once', () => {
    propagation.offer(weighted(90, 10), 10_000, 5000);
    expect([0, 10_000, 14_999, 15_000, 90_000].map(weightsAt)).toEqual([
      [100, 0],
      [100, 0],
      [100, 0],
      [90, 10],
      [90, 10],
    ]);
    expect(propagation.current(90_000).loadBalancers[0]?.listeners[0]?.rules[0]?.action).toMatchObject({
      targetGroups: [{ weight: 90 }, { weight: 10 }],
    });
  });

  it.each<[string, { weights: number[]; at: number; delay: number }[], [number, number[]][]]>([
    [
      'one after the other, when a second change comes before the first is known',
      [
        { weights: [90, 10], at: 0, delay: 5000 },
        { weights: [50, 50], at: 3000, delay: 5000 },
      ],
      [
        [4999, [100, 0]],
        [5000, [90, 10]],
        [8000, [50, 50]],
      ],
    ],
    [
      'never, when a later change is known sooner',
      [
        { weights: [0, 100], at: 0, delay: 60_000 },
        { weights: [100, 0], at: 1000, delay: 0 },
      ],
      [
        [1000, [100, 0]],
        [60_000, [100, 0]],
      ],
    ],
    [
      'once, however often the configuration is read',
      [
        { weights: [50, 50], at: 0, delay: 5000 },
        { weights: [50, 50], at: 4000, delay: 5000 },
      ],
      [
        [4999, [100, 0]],
        [5000, [50, 50]],
      ],
    ],
    ['at once without a delay', [{ weights: [0, 100], at: 10, delay: 0 }], [[10, [0, 100]]]],
  ])('are met %s', (_, changes, expected) => {
    for (const { weights, at, delay } of changes) propagation.offer(weighted(...weights), at, delay);
    expect(expected.map(([now]) => [now, weightsAt(now)])).toEqual(expected);
  });
});

describe('what is known at once', () => {
  it('is a new listener', () => {
    expect(weightsAt(0)).toEqual([100, 0]);
  });

  it('is that a listener is gone, and made anew', () => {
    const without = weighted(100, 0);
    for (const balancer of without.loadBalancers) balancer.listeners = [];
    propagation.offer(without, 1000, 5000);
    expect(weightsAt(1000)).toBeUndefined();
    propagation.offer(weighted(0, 100), 2000, 5000);
    expect(weightsAt(2000)).toEqual([0, 100]);
  });

  it('is that a target group is gone', () => {
    propagation.offer(weighted(100), 1000, 5000);
    expect(weightsAt(1000)).toEqual([100]);
  });
});
