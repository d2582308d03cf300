import { describe, expect, it } from '@jest/globals';
import {
  estimateRollout,
  estimateLines,
  observedLaunchSeconds,
  type EstimateInput,
} from '../../../src/rollout/plan/estimate.ts';

describe('forecast', () => {
  const input: EstimateInput = {
    desired: 6,
    toReplace: 6,
    percentages: { minHealthyPercentage: 100, maxHealthyPercentage: 134 },
    warmup: 60,
    launch: 35,
    drain: 30,
    checkpoints: [],
    checkpointDelay: 0,
    bakeTime: 0,
  };
  it.each([
    [
      'launch first, two at a time',
      {},
      { batches: 3, atATime: 2, lowestCapacity: 6, highestCapacity: 8, seconds: 375 },
    ],
    [
      'all at once',
      { percentages: { minHealthyPercentage: 100, maxHealthyPercentage: 200 } },
      { batches: 1, atATime: 6, highestCapacity: 12, seconds: 125 },
    ],
    [
      'no maximum: the capacity dips, draining hides behind the warmup',
      { percentages: { minHealthyPercentage: 90, maxHealthyPercentage: null } },
      { batches: 6, atATime: 1, lowestCapacity: 5, highestCapacity: 6, seconds: 570 },
    ],
    [
      'a long draining shows where old ones go at once',
      { drain: 300, percentages: { minHealthyPercentage: 0, maxHealthyPercentage: null } },
      { batches: 1, lowestCapacity: 0, seconds: 300 },
    ],
    ['baking', { bakeTime: 600 }, { seconds: 975 }],
    [
      'checkpoints make smaller batches and pauses',
      { checkpoints: [20, 100], checkpointDelay: 100 },
      { batches: 3, seconds: 475 },
    ],
    [
      'a last checkpoint below 100 leaves some',
      { checkpoints: [50], checkpointDelay: 100 },
      { batches: 2, replaced: 3 },
    ],
    ['nothing to do', { toReplace: 0 }, { batches: 0, atATime: 0, seconds: 0, dominant: undefined }],
    ['an empty group', { desired: 0, toReplace: 0 }, { batches: 0, seconds: 0 }],
  ])('%s', (_, change, expected) => {
    expect(estimateRollout({ ...input, ...change })).toMatchObject(expected);
  });

  it('names the setting that takes most of the time', () => {
    expect(estimateRollout({ ...input, warmup: 300 }).dominant).toEqual({ name: 'warmup', seconds: 900 });
    expect(estimateRollout({ ...input, warmup: 0, drain: 300 }).dominant).toEqual({
      name: 'draining',
      seconds: 900,
    });
    expect(estimateRollout({ ...input, bakeTime: 3600 }).dominant).toEqual({ name: 'baking', seconds: 3600 });
  });

  it('says it in words', () => {
    const from = { warmupFrom: 'the health check grace period', drainFrom: 'target group tg-shop-prod' };
    const given = { ...input, warmup: 300 };
    expect(estimateLines(estimateRollout(given), given, from)).toEqual([
      '6 instances, launch before terminate, 2 at a time: 3 batches',
      'capacity stays between 6 and 8; about 18 min 15 s, of which 15 min are warmup',
      'the warmup is 3 × 300 s, from the health check grace period',
    ]);
    const slow = { ...input, warmup: 0, drain: 300 };
    expect(estimateLines(estimateRollout(slow), slow, from).slice(1)).toEqual([
      'capacity stays between 6 and 8; about 16 min 45 s, of which 15 min are deregistration delay',
      'the deregistration delay is up to 3 × 300 s, from target group tg-shop-prod; without open connections AWS may not wait for it',
    ]);
    const partly = { ...input, checkpoints: [50], checkpointDelay: 0 };
    expect(estimateLines(estimateRollout(partly), partly, from).at(-1)).toContain(
      '3 instances keep the old version',
    );
  });

  it('takes the middle of the launches that the group has seen', () => {
    const launch = (seconds: number, statusCode = 'Successful') => ({
      id: String(seconds),
      kind: 'launch' as const,
      instanceId: 'i-1',
      description: '',
      cause: '',
      statusCode,
      statusMessage: '',
      startTime: new Date(0),
      endTime: new Date(seconds * 1000),
    });
    expect(observedLaunchSeconds([launch(30), launch(90), launch(40), launch(1, 'Failed')])).toBe(40);
    expect(observedLaunchSeconds([])).toBeUndefined();
  });
});
