import { describe, expect, it } from '@jest/globals';
import type { ActivityObservation, RefreshObservation } from '../../../src/rollout/model/index.ts';
import {
  observed,
  observedLaunchSeconds,
  observedTerminationSeconds,
} from '../../../src/rollout/plan/observed.ts';
import { refresh } from '../../environment/helpers.ts';
import { group } from '../helpers/observations.ts';

const at = (seconds: number) => new Date(seconds * 1000);

function activity(
  kind: ActivityObservation['kind'],
  seconds: number,
  { status: statusCode = 'Successful', start = 0 } = {},
): ActivityObservation {
  return {
    ...{ id: String(seconds), kind, instanceId: 'i-1', description: '', cause: '', statusCode },
    ...{ statusMessage: '', startTime: at(start), endTime: at(start + seconds) },
  };
}

it('takes the middle of what the group has seen, of either kind', () => {
  const seen = [
    ...[30, 90, 40].map((seconds) => activity('launch', seconds)),
    ...[5, 300, 20].map((seconds) => activity('terminate', seconds)),
    activity('launch', 1, { status: 'Failed' }),
  ];
  expect([observedLaunchSeconds(seen), observedTerminationSeconds(seen)]).toEqual([40, 20]);
  expect([observedLaunchSeconds([]), observedTerminationSeconds([])]).toEqual([undefined, undefined]);
});

/** Four instances, two at a time on top, each launched in 30 s and gone in 20 s. */
const last = (seconds: number, preferences: RefreshObservation['preferences'] = {}) => ({
  ...refresh({ id: 'r-1', version: '2', status: 'Successful', percentage: 100 }),
  ...{ startTime: at(1000), endTime: at(1000 + seconds) },
  preferences: {
    ...{ MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 60 },
    ...preferences,
  },
});
const activities = [
  activity('launch', 30),
  ...[1, 2, 3, 4].flatMap(() => [
    activity('launch', 30, { start: 1100 }),
    activity('terminate', 20, { start: 1200 }),
  ]),
];

describe('how long a new instance needs until it counts', () => {
  const noMaximum = { MaxHealthyPercentage: undefined, MinHealthyPercentage: 50 };
  it.each<[string, RefreshObservation[], { desired?: number; warmup?: number }, number | undefined]>([
    ['is what each batch of the last refresh took beyond launch and drain', [last(400)], {}, 150],
    ['is no less than nothing', [last(400, { BakeTime: 1000 })], {}, 0],
    ['is hidden by a warmup that was longer', [last(220)], { warmup: 10 }, undefined],
    ['is not where it was longer still', [last(400)], { warmup: 10 }, 150],
    ['is told by a refresh of another size', [last(400)], { desired: 40 }, 150],
    ['is the middle of the last three', [last(400), last(9000), last(350), last(9000)], {}, 150],
    ['or between the last two', [last(400), last(300)], {}, 125],
    ['leaves checkpoints and baking out', [last(700, { BakeTime: 300 })], {}, 150],
    [
      'may be hidden by draining, where old ones go meanwhile',
      [last(80, noMaximum)],
      { warmup: 5 },
      undefined,
    ],
    ['or not', [last(400, noMaximum)], {}, 170],
    ['is not known without a refresh', [], {}, undefined],
    ['nor by one that failed', [{ ...last(400), status: 'Failed' }], {}, undefined],
    [
      'nor by one that launched nothing',
      [{ ...last(40), startTime: at(1001), endTime: at(1041) }],
      {},
      undefined,
    ],
  ])('%s', (_, refreshes, { desired = 4, warmup = 60 }, expected) => {
    const snapshot = { ...{ refreshes, activities, targetGroups: [] }, group: group({ desired }) };
    expect(observed(snapshot, warmup).serving).toBe(expected);
  });
});
