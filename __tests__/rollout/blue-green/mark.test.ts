import { describe, expect, it } from '@jest/globals';
import { readFleets } from '../../../src/rollout/blue-green/sides.ts';
import { sideToGoBackTo } from '../../../src/rollout/blue-green/state.ts';
import { failureOf } from '../helpers/acts.ts';
import {
  awsError,
  greenName,
  groupName,
  twoGroups,
  twoGroupWorld,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';
import { abortIn, goneAt, rollOut, thereIs, withApi } from './helpers.ts';

/** What a tag tells that sizes, weights and versions do not. */

const marks = async (world: SimulatedAws) =>
  Promise.all([groupName, greenName].map(async (name) => (await world.api.group(name))?.rollout?.to));

async function steadyIn(version: 1 | 2, instances = 3): Promise<SimulatedAws> {
  const world = await twoGroupWorld({ instances });
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  if (version === 2) await rollOut(world, 2, { trafficSteps: [100] });
  return world;
}

const back = { command: 'rollback' as const };

it('is there while a rollout is under way, and gone when it is over', async () => {
  const world = await steadyIn(1);
  await rollOut(world, 2, { pauseAt: 10 });
  expect(await marks(world)).toEqual([undefined, 2]);
  await rollOut(world, 2, { command: 'promote', pauseAt: undefined });
  expect(await marks(world)).toEqual([undefined, undefined]);
  await rollOut(world, 3, { pauseAt: 10 });
  expect(await marks(world)).toEqual([3, undefined]);
  await abortIn(world);
  expect(await marks(world)).toEqual([undefined, undefined]);
});

it('is gone after a version that was taken back', async () => {
  const world = await steadyIn(1);
  world.demand = { rate: 100, of: (version) => ({ errors: version === 2 ? 0.05 : 0, seconds: 0.05 }) };
  await failureOf(rollOut(world, 2));
  expect(await marks(world)).toEqual([undefined, undefined]);
});

describe('a rollback whose run is gone', () => {
  it('is launching while it comes up: promote goes on with it', async () => {
    const world = await steadyIn(2);
    await goneAt(world, /launching 3 instances/, 1, back);
    const { state } = await readFleets(world.api, twoGroups);
    expect([state.kind, state.to.version, sideToGoBackTo(state)?.version]).toEqual(['launching', 1, 1]);
    await rollOut(world, 1, { command: 'promote' });
    expect(await thereIs(world)).toMatchObject({ weights: [100, 0], green: { sizes: [0, 0, 6] } });
    expect(await world.versions()).toEqual({ 1: 3 });
  });

  it('is launching while it comes up: abort, and replace, empty it at once', async () => {
    const world = await steadyIn(2);
    await goneAt(world, /launching 3 instances/, 1, back);
    expect(await abortIn(world)).toMatchObject({ result: { templateVersion: 2 } });
    expect(await thereIs(world)).toMatchObject({ weights: [0, 100], blue: { sizes: [0, 0, 6] } });
    await goneAt(world, /launching 3 instances/, 1, back);
    await rollOut(world, 3, { onActiveRefresh: 'replace', trafficSteps: [100] });
    expect(await world.versions()).toEqual({ 3: 3 });
  });

  it('is baking when it has the requests: abort gives them back', async () => {
    const world = await steadyIn(2);
    await goneAt(world, /weights: 100 % to/, 1, back);
    expect((await readFleets(world.api, twoGroups)).state).toMatchObject({
      kind: 'baking',
      to: { name: groupName },
    });
    await abortIn(world);
    expect(await thereIs(world)).toMatchObject({ weights: [0, 100], blue: { sizes: [0, 0, 6] } });
  });
});

it('tells a bake from what is kept where the old fleet stands at its maximum', async () => {
  const world = await steadyIn(1, 6);
  await goneAt(world, /weights: 100 % to/, 2, { trafficSteps: [100], bakeTime: 300 });
  expect((await readFleets(world.api, twoGroups)).state.kind).toBe('baking');
  await abortIn(world);
  expect(await thereIs(world)).toMatchObject({ weights: [100, 0], green: { sizes: [0, 0, 6] } });
  await rollOut(world, 2, { trafficSteps: [100], keepPrevious: true });
  expect((await readFleets(world.api, twoGroups)).state.kind).toBe('warm');
});

it('is not believed by the next rollout where it could neither be taken away nor set again', async () => {
  const world = await steadyIn(1);
  const setRolloutTo = world.api.setRolloutTo.bind(world.api);
  const denied = () => Promise.reject(awsError('AccessDenied', 'autoscaling:DeleteTags'));
  withApi(world, {
    setRolloutTo: (group, mark) => (mark === undefined ? denied() : setRolloutTo(group, mark)),
  });
  await rollOut(world, 2, { trafficSteps: [100] });
  expect(await marks(world)).toEqual([undefined, 2]);
  withApi(world, { setRolloutTo: denied });
  await goneAt(world, /launching 3 instances/, 3);
  expect((await readFleets(world.api, twoGroups)).state).toMatchObject({
    ...{ kind: 'launching', from: { name: greenName }, to: { name: groupName } },
  });
  await abortIn(world);
  expect(await thereIs(world)).toMatchObject({ weights: [0, 100], blue: { sizes: [0, 0, 6] } });
});

it('is done without, and warned of once, where the role may not set it', async () => {
  const world = await steadyIn(1);
  world.fail('setRolloutTo', () => awsError('AccessDenied', 'autoscaling:CreateOrUpdateTags'), { times: 99 });
  expect(await rollOut(world, 2, { trafficSteps: [100] })).toMatchObject({ status: 'successful' });
  expect(world.warnings.filter((line) => line.includes('tag'))).toEqual([
    'the deploy role may not tag the groups with where a rollout goes (AccessDenied: autoscaling:CreateOrUpdateTags); going on without it',
  ]);
});
