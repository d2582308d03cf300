/**
 * Thousands of groups whose machines do what they always do: what is forecast before a rollout, and what the fleet engine
 * then takes.
 */
import { describe, it } from '@jest/globals';
import type { Activity, InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import fc from 'fast-check';
import { activityOf, refreshOf } from '../../../src/rollout/aws/convert.ts';
import { estimateRollout } from '../../../src/rollout/plan/estimate.ts';
import { observed } from '../../../src/rollout/plan/observed.ts';
import { shop } from '../../local-cloud/helpers/fleet.ts';
import { randomGroup, randomSettings, type RandomGroup } from '../../local-cloud/helpers/random-group.ts';
import { WatchedFleet } from '../../local-cloud/helpers/watched-fleet.ts';
import { longEnough, runs } from '../../support/property.ts';
import { group as observation } from '../helpers/observations.ts';

/** Per cent by which a forecast may be wrong, and the seconds a batch in which nobody looks. */
const tolerance = { share: 0.15, seconds: 8 };

/** What the action would say of the next refresh. */
async function foretold(fleet: WatchedFleet) {
  const { world, random } = fleet;
  const { desired, percentages, warmup, checkpoints, checkpointDelay, bakeTime } = random;
  const { Activities } = await world.call<{ Activities: Activity[] }>('DescribeScalingActivities', {
    ...{ ...shop, MaxRecords: 100 },
  });
  const { InstanceRefreshes } = await world.call<{ InstanceRefreshes: InstanceRefresh[] }>(
    'DescribeInstanceRefreshes',
    shop,
  );
  const snapshot = {
    group: observation({ desired, defaultInstanceWarmup: warmup }),
    activities: Activities.map(activityOf),
    refreshes: InstanceRefreshes.map(refreshOf),
    targetGroups: [{ name: 'shop', deregistrationDelaySeconds: random.drain }],
  } as unknown as Parameters<typeof observed>[0];
  return estimateRollout({
    ...{ desired, toReplace: desired, warmup, checkpoints, checkpointDelay, bakeTime },
    percentages: { minHealthyPercentage: percentages.min, maxHealthyPercentage: percentages.max },
    ...observed(snapshot, warmup),
  });
}

/** Seconds that the refresh takes. */
async function rollOut(fleet: WatchedFleet, version: number): Promise<number> {
  await fleet.start(version);
  const { refresh } = fleet;
  if (refresh === undefined) throw new Error('it was not started');
  while (refresh.endTime === undefined) {
    const moved = await fleet.pass(1);
    if (!moved && refresh.endTime === undefined) await fleet.pass(fleet.untilNext(600));
  }
  if (refresh.status !== 'Successful') throw new Error(`it ended as ${refresh.status}`);
  return (refresh.endTime - (refresh.startTime ?? 0)) / 1000;
}

async function compare(fleet: WatchedFleet, version: number): Promise<void> {
  const forecast = await foretold(fleet);
  const happened = await rollOut(fleet, version);
  const allowed = tolerance.share * happened + tolerance.seconds * forecast.batches;
  if (Math.abs(forecast.seconds - happened) > allowed)
    throw new Error(`${JSON.stringify(forecast)} was forecast, and it took ${happened} s`);
}

/** How long new instances need to pass their checks is hidden by whatever took longer. */
function isKnown({ toHealthy, warmup, drain, percentages }: RandomGroup, next = warmup): boolean {
  const hidden = Math.max(warmup, percentages.max === null || percentages.min < 100 ? drain + 10 : 0);
  return next >= hidden || toHealthy <= next || toHealthy > 1.15 * hidden + 20;
}

const isAll = ({ checkpoints }: RandomGroup) => (checkpoints.at(-1) ?? 100) === 100;

describe('the forecast', () => {
  it(
    'of a first rollout holds where warmup and deregistration delay decide',
    async () => {
      await fc.assert(
        fc.asyncProperty(randomGroup, async (random) => {
          const toHealthy = Math.min(random.toHealthy, random.warmup);
          const plain = { toHealthy, launchHook: undefined, terminateHook: undefined };
          await compare(await WatchedFleet.settled({ ...random, ...plain }), 2);
        }),
        runs(300),
      );
    },
    longEnough,
  );

  it(
    'of a second one holds for every group, though its settings change',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          randomGroup.filter(isAll),
          fc.option(randomSettings, { nil: undefined }),
          async (random, settings) => {
            fc.pre(isKnown(random, settings?.warmup));
            const fleet = await WatchedFleet.settled(random);
            await rollOut(fleet, 2);
            await fleet.pass(600);
            fleet.random = { ...random, ...settings };
            await compare(fleet, 3);
          },
        ),
        runs(300),
      );
    },
    longEnough,
  );
});
