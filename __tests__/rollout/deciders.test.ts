import { describe, expect, it } from '@jest/globals';
import { effectivePercentages, replacementBatch } from '../../src/rollout/plan/batches.ts';
import { nextPoll, remainingSeconds } from '../../src/rollout/monitor/poll-interval.ts';
import {
  forecast,
  forecastLines,
  observedLaunchSeconds,
  type ForecastInput,
} from '../../src/rollout/plan/estimate.ts';
import { launchFailure, hookFailure } from '../../src/rollout/model/launch-failures.ts';
import { statusMeaning } from '../../src/rollout/model/refresh-status.ts';

describe('replacementBatch', () => {
  it.each<[number, number, number | null, number, number, number, number, boolean]>([
    // desired, min, max, remaining → terminateFirst, surge, batch, launchFirst
    [1, 90, null, 1, 1, 0, 1, false],
    [1, 100, null, 1, 1, 0, 1, false],
    [1, 100, 100, 1, 0, 1, 1, true],
    [1, 100, 200, 1, 0, 1, 1, true],
    [2, 50, null, 2, 1, 0, 1, false],
    [4, 90, null, 4, 1, 0, 1, false],
    [4, 0, null, 4, 4, 0, 4, false],
    [10, 80, null, 10, 2, 0, 2, false],
    [10, 100, 110, 10, 0, 1, 1, true],
    [10, 100, 200, 10, 0, 10, 10, true],
    [10, 100, 100, 10, 0, 1, 1, true],
    [10, 90, 110, 10, 1, 1, 2, false],
    [10, 90, 110, 1, 0, 1, 1, true],
    [100, 90, 120, 100, 10, 20, 30, false],
    [100, 90, 120, 25, 5, 20, 25, false],
    [10, 95, 105, 10, 0, 1, 1, true],
    [1000, 90, null, 1000, 100, 0, 100, false],
    [5, 100, 200, 0, 0, 0, 0, true],
    [0, 90, null, 0, 0, 0, 0, false],
  ])('of %i at %i/%s with %i left', (desired, min, max, ...rest) => {
    const [remaining, terminateFirst, surge, batch, launchFirst] = rest;
    expect(
      replacementBatch({ desired, minHealthyPercentage: min, maxHealthyPercentage: max, remaining }),
    ).toEqual({ terminateFirst, surge, batch, launchFirst });
  });

  it('never goes below the minimum when a maximum is set, and always makes progress', () => {
    for (let desired = 1; desired <= 30; desired += 1) {
      for (const min of [0, 33, 50, 90, 99, 100]) {
        for (const max of [null, 100, 110, 150, 200]) {
          if (max !== null && max - min > 100) continue;
          const step = replacementBatch({
            desired,
            minHealthyPercentage: min,
            maxHealthyPercentage: max,
            remaining: desired,
          });
          expect(step.batch).toBeGreaterThan(0);
          expect(step.terminateFirst + step.surge).toBe(step.batch);
          if (max !== null)
            expect(desired - step.terminateFirst).toBeGreaterThanOrEqual(Math.ceil((desired * min) / 100));
        }
      }
    }
  });
});

describe('effectivePercentages', () => {
  it.each([
    ['nothing given', {}, undefined, 90, null],
    ['the policy of the group', {}, { minHealthyPercentage: 100, maxHealthyPercentage: 150 }, 100, 150],
    [
      'the refresh before the policy',
      { minHealthyPercentage: 50 },
      { minHealthyPercentage: 100, maxHealthyPercentage: 150 },
      50,
      null,
    ],
    ['a policy that was taken away', {}, { minHealthyPercentage: -1, maxHealthyPercentage: -1 }, 90, null],
    ['zero, which is given', { minHealthyPercentage: 0, maxHealthyPercentage: 100 }, undefined, 0, 100],
  ])('%s', (_, preferences, policy, ...expected) => {
    const [min, max] = expected;
    expect(effectivePercentages(preferences, policy)).toEqual({
      minHealthyPercentage: min,
      maxHealthyPercentage: max,
    });
  });
});

describe('forecast', () => {
  const input: ForecastInput = {
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
    expect(forecast({ ...input, ...change })).toMatchObject(expected);
  });

  it('names the setting that takes most of the time', () => {
    expect(forecast({ ...input, warmup: 300 }).dominant).toEqual({ name: 'warmup', seconds: 900 });
    expect(forecast({ ...input, warmup: 0, drain: 300 }).dominant).toEqual({
      name: 'draining',
      seconds: 900,
    });
    expect(forecast({ ...input, bakeTime: 3600 }).dominant).toEqual({ name: 'baking', seconds: 3600 });
  });

  it('says it in words', () => {
    const from = { warmupFrom: 'the health check grace period', drainFrom: 'target group tg-shop-prod' };
    const given = { ...input, warmup: 300 };
    expect(forecastLines(forecast(given), given, from)).toEqual([
      '6 instances, launch before terminate, 2 at a time: 3 batches',
      'capacity stays between 6 and 8; about 18 min 15 s, of which 15 min are warmup',
      'the warmup is 3 × 300 s, from the health check grace period',
    ]);
    const slow = { ...input, warmup: 0, drain: 300 };
    expect(forecastLines(forecast(slow), slow, from).slice(1)).toEqual([
      'capacity stays between 6 and 8; about 16 min 45 s, of which 15 min are deregistration delay',
      'the deregistration delay is up to 3 × 300 s, from target group tg-shop-prod; without open connections AWS may not wait for it',
    ]);
    const partly = { ...input, checkpoints: [50], checkpointDelay: 0 };
    expect(forecastLines(forecast(partly), partly, from).at(-1)).toContain(
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

describe('polling', () => {
  it('polls faster near the expected end, between 2 and 30 seconds', () => {
    expect(nextPoll(0, 0, 3600)).toBe(30);
    expect(nextPoll(590, 0, 600)).toBe(5);
    expect(nextPoll(600, 0, 600)).toBe(2);
    expect(nextPoll(0, 0, 60)).toBe(6);
    expect(nextPoll(1200, 0, 600)).toBe(30);
    for (const percentage of [0, 50, 100]) {
      for (let elapsed = 0; elapsed < 5000; elapsed += 50) {
        expect(nextPoll(elapsed, percentage, 300)).toBeGreaterThanOrEqual(2);
        expect(nextPoll(elapsed, percentage, 300)).toBeLessThanOrEqual(30);
      }
    }
  });

  it('needs fewer calls than a fixed short interval, and sees the end soon after it came', () => {
    for (const took of [60, 133, 648, 6408]) {
      let at = 0;
      let calls = 0;
      while (at < took) {
        at += nextPoll(at, Math.floor((at / took) * 10) * 10, took * 1.1);
        calls += 1;
      }
      expect({ took, late: at - took <= 16, few: calls <= Math.max(20, took / 15) }).toEqual({
        took,
        late: true,
        few: true,
      });
    }
  });

  it('leans on the progress the more there is of it', () => {
    expect(remainingSeconds(0, 0, 300)).toBe(300);
    expect(remainingSeconds(300, 50, 300)).toBe(150);
    expect(remainingSeconds(900, 0, 300)).toBe(0);
    expect(remainingSeconds(10, 100, 300)).toBe(0);
  });
});

describe('launchFailure', () => {
  it.each([
    ["The image id 'ami-4edb0327' does not exist. Launching EC2 instance failed.", 'image-gone', true],
    ['The AMI ID ami-0abc does not exist. Launching EC2 instance failed.', 'image-gone', true],
    ['AMI ami-0abc is pending, and cannot be run. Launching EC2 instance failed.', 'image-pending', false],
    [
      'We currently do not have sufficient m7g.large capacity in the Availability Zone you requested (eu-west-1a). Our system will be working on provisioning additional capacity.',
      'capacity',
      false,
    ],
    [
      'There is no Spot capacity available that matches your request. Launching EC2 instance failed.',
      'spot',
      false,
    ],
    ['Max spot instance count exceeded. Launching EC2 instance failed.', 'spot', false],
    [
      'You have requested more vCPU capacity than your current vCPU limit of 4 allows for the instance bucket',
      'quota',
      true,
    ],
    ['20 instance(s) are already running. Launching EC2 instance failed.', 'quota', true],
    [
      'Your requested instance type (t9.micro) is not supported in your requested Availability Zone (eu-north-1c).',
      'instance-type',
      true,
    ],
    [
      "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI.",
      'architecture',
      true,
    ],
    ['The security group sg-0123 does not exist. Launching EC2 instance failed.', 'security-group', true],
    ['The key pair deploy does not exist. Launching EC2 instance failed.', 'key-pair', true],
    [
      'Value (SSMInstanceProfile) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name.',
      'instance-profile',
      false,
    ],
    ['Client.InternalError: Client error on launch.', 'volume-key', true],
    ["Volume of size 8GB is smaller than snapshot 'snap-1', expect size >= 30GB.", 'volume-size', true],
    ['Authentication Failure. Launching EC2 instance failed.', 'not-authorised', true],
    [
      'One or more target groups not found. Validating load balancer configuration failed.',
      'target-group-gone',
      true,
    ],
    ['Something AWS never said before.', 'other', false],
  ])('%s', (text, name, permanent) => {
    expect(launchFailure(text)).toMatchObject({ name, permanent });
  });

  it.each([
    [
      "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token e85e was abandoned: Lifecycle Action Completed with ABANDON Result",
      'abandoned',
    ],
    [
      "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token e85e was abandoned: Heartbeat Timeout",
      'timed-out',
    ],
    [
      'Could not scale to desired capacity because all remaining instances are protected from scale-in.',
      undefined,
    ],
  ])('hook: %s', (text, how) => {
    expect(hookFailure(text)).toBe(how);
  });
});

describe('statusMeaning', () => {
  it('has a branch for each of the ten statuses, and takes an unknown one for active', () => {
    const active = ['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'];
    const over = ['Successful', 'Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful'];
    for (const status of active) expect(statusMeaning(status)).toMatchObject({ active: true, known: true });
    for (const status of over) expect(statusMeaning(status)).toMatchObject({ active: false, known: true });
    expect(statusMeaning('Pausing')).toMatchObject({ active: true, known: false });
    expect(statusMeaning('toString')).toMatchObject({ active: true, known: false });
  });
});
