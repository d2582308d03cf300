import { describe, expect, it } from '@jest/globals';
import { effectivePercentages } from '../../../src/rollout/plan/batches.ts';
import {
  estimateRollout,
  observedLaunchSeconds,
  type RolloutEstimate,
} from '../../../src/rollout/plan/estimate.ts';
import { groupName, healthyGroup, templateId, type SimulatedAws } from '../helpers/simulated-aws.ts';

/** What the forecast says, against what the fleet then does: how long it takes, and between which capacities. */

type Percentages = [min: number | undefined, max: number | undefined];

const sizes = [1, 2, 3, 10, 100, 1000];
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

/** Looks at instances that a case may cost: ten batches of a thousand prove nothing that those of a hundred do not. */
const affordable = 1000;
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
