import { describe, expect, it } from '@jest/globals';
import {
  estimateRollout,
  estimateLines,
  type EstimateInput,
  type RolloutEstimate,
} from '../../../src/rollout/plan/estimate.ts';
import { observedLaunchSeconds } from '../../../src/rollout/plan/observed.ts';
import { effectivePercentages } from '../../../src/rollout/plan/batches.ts';
import { groupName, healthyGroup, templateId, type SimulatedAws } from '../helpers/simulated-aws.ts';

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
    ['new ones that need longer than the warmup', { serving: 100 }, { batches: 3, seconds: 495 }],
    ['new ones that need less', { serving: 59 }, { seconds: 375 }],
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
      'the warmup is 3 × 300 s, 82 % of it, from the health check grace period (with 30 s all of it would take about 4 min 45 s)',
    ]);
    const slow = { ...input, warmup: 0, drain: 300 };
    expect(estimateLines(estimateRollout(slow), slow, from).slice(1)).toEqual([
      'capacity stays between 6 and 8; about 16 min 45 s, of which 15 min are deregistration delay',
      'the deregistration delay is up to 3 × 300 s, 90 % of it, from target group tg-shop-prod (with 30 s all of it would take about 3 min 15 s); without open connections AWS may not wait for it',
    ]);
    expect(estimateLines(estimateRollout(slow), slow, { ...from, drainFrom: undefined }).at(-1)).toBe(
      'until old instances are gone is 3 × 300 s, 90 % of it, as the last ones took (with 30 s all of it would take about 3 min 15 s)',
    );
    // Terminated and launched at the same time, the old ones drain while the new ones warm up: one alone saves little.
    const hidden = {
      ...input,
      warmup: 300,
      drain: 290,
      percentages: { minHealthyPercentage: 50, maxHealthyPercentage: null },
    };
    expect(estimateLines(estimateRollout(hidden), hidden, from).at(-1)).toMatch(
      / from the health check grace period$/,
    );
    const partly = { ...input, checkpoints: [50], checkpointDelay: 0 };
    expect(estimateLines(estimateRollout(partly), partly, from).at(-1)).toContain(
      '3 instances keep the old version',
    );
  });
});

/** What the forecast says, against what the fleet then does: how long it takes, and between which capacities. */

type Percentages = [min: number | undefined, max: number | undefined];

const sizes = [1, 2, 3, 10, 100, 400];
const percentages: Percentages[] = [
  [undefined, undefined],
  [0, undefined],
  [50, undefined],
  [100, 100],
  [90, 110],
  [100, 110],
  [50, 150],
  [100, 200],
];

/** Looks at instances that a case may cost: ten batches of four hundred prove nothing that those of a hundred do not. */
const affordable = 400;
const [warmup, drain] = [60, 45];
/** Seconds between two looks at the fleet, which says only when asked that it has come to its end. */
const interval = 5;

interface Seen {
  seconds: number;
  lowest: number;
  highest: number;
}

interface Pauses {
  checkpoints: number[];
  checkpointDelay: number;
  bakeTime: number;
}

const noPauses: Pauses = { checkpoints: [], checkpointDelay: 0, bakeTime: 0 };

function foretold(
  instances: number,
  [min, max]: Percentages,
  { launch = 0, pauses = noPauses }: { launch?: number | undefined; pauses?: Pauses } = {},
): RolloutEstimate {
  return estimateRollout({
    desired: instances,
    toReplace: instances,
    percentages: effectivePercentages({ minHealthyPercentage: min, maxHealthyPercentage: max }),
    warmup,
    launch,
    drain,
    ...pauses,
  });
}

/** Lets the fleet replace everything, and looks at it all the time. */
async function replaceAll(
  world: SimulatedAws,
  [min, max]: Percentages,
  { checkpoints, checkpointDelay, bakeTime }: Pauses,
): Promise<Seen> {
  const began = world.elapsed;
  const id = await world.api.start({
    group: groupName,
    desiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: '2' } },
    preferences: {
      ...(min !== undefined && { MinHealthyPercentage: min }),
      ...(max !== undefined && { MaxHealthyPercentage: max }),
      ...(checkpoints.length > 0 && { CheckpointPercentages: checkpoints, CheckpointDelay: checkpointDelay }),
      BakeTime: bakeTime,
    },
  });
  const seen: Seen = { seconds: 0, lowest: Infinity, highest: 0 };
  for (;;) {
    await world.advance(interval);
    const group = await world.api.group(groupName);
    const states = (group?.instances ?? []).map(({ lifecycleState }) => lifecycleState);
    seen.lowest = Math.min(seen.lowest, states.filter((state) => state === 'InService').length);
    seen.highest = Math.max(
      seen.highest,
      states.filter((state) => state === 'InService' || state.startsWith('Pending')).length,
    );
    if ((await world.api.refresh(groupName, id))?.status === 'Successful')
      return { ...seen, seconds: world.elapsed - began };
  }
}

async function expectAgreement(instances: number, given: Percentages, pauses: Pauses): Promise<void> {
  const world = await healthyGroup({ instances, warmup, drain });
  const launch = observedLaunchSeconds(await world.api.recentActivities(groupName));
  const expected = foretold(instances, given, { launch, pauses });
  const seen = await replaceAll(world, given, pauses);
  expect(seen.lowest).toBeGreaterThanOrEqual(expected.lowestCapacity);
  expect(seen.highest).toBeLessThanOrEqual(expected.highestCapacity);
  expect(Math.abs(seen.seconds - expected.seconds)).toBeLessThanOrEqual(interval * expected.batches + 10);
  expect((await world.versions())['2']).toBe(expected.replaced);
}

const cases = sizes.flatMap((instances) =>
  percentages
    .map((given) => [instances, given, foretold(instances, given).batches] as const)
    .filter(([, , batches]) => instances * batches <= affordable),
);

describe('the forecast', () => {
  it.each(cases)('of %i instances at %j: %i batches, as the fleet does', async (instances, given) => {
    await expectAgreement(instances, given, noPauses);
  });

  const pauses: Pauses[] = [
    { checkpoints: [20, 50, 100], checkpointDelay: 200, bakeTime: 90 },
    { checkpoints: [50], checkpointDelay: 200, bakeTime: 0 },
  ];
  const paused = [1, 2, 3, 10, 100].flatMap((instances) => pauses.map((each) => [instances, each] as const));
  it.each(paused)('of %i instances with %j, as the fleet does', async (instances, each) => {
    await expectAgreement(instances, [100, 200], each);
  });
});
