import { describe, expect, it } from '@jest/globals';
import { orderOnCancel } from '../../../src/rollout/blue-green/order-on-cancel.ts';
import { settleInterrupted } from '../../../src/rollout/blue-green/interrupted.ts';
import type { ActiveRollout } from '../../../src/rollout/strategy/index.ts';
import { failureOf } from '../helpers/acts.ts';
import {
  greenName,
  greenTargetGroupArn,
  groupName,
  targetGroupArn,
  templateId,
  twoGroups,
  twoGroupWorld,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';
import { abortIn, rollOut, thereIs } from './helpers.ts';

/** What a killed or cancelled run leaves, in both directions. */

const saved = (version: number) => ({
  group: groupName,
  templateId,
  version,
  started: 0,
  blueGreen: twoGroups,
});

/** The post step, on the world's own clock. */
const postStep = (world: SimulatedAws, version: number, onCancel: 'rollback' | 'leave' = 'rollback') =>
  settleInterrupted(world.api, saved(version), onCancel, {
    outputs: twoGroups,
    sleep: (seconds) => world.advance(seconds),
  });

/** A rollback to the older version whose run is gone: green has all requests and is whole, blue comes up. */
async function rollbackUnderWay(healthy: number): Promise<SimulatedAws> {
  const world = await twoGroupWorld({ instances: 3 });
  await rollOut(world);
  world.rule.weights = { [targetGroupArn]: 0, [greenTargetGroupArn]: 100 };
  await world.operation('UpdateAutoScalingGroup', {
    ...{ AutoScalingGroupName: groupName, MinSize: healthy, DesiredCapacity: healthy },
    LaunchTemplate: { LaunchTemplateId: templateId, Version: '1' },
  });
  await world.advance(90);
  await world.operation('UpdateAutoScalingGroup', {
    ...{ AutoScalingGroupName: groupName, MinSize: 3, DesiredCapacity: 3 },
  });
  return world;
}

const onNewer = { weights: [0, 100], green: { version: '2', sizes: [1, 3, 6] }, blue: { sizes: [0, 0, 6] } };

describe('the post step of a rollback that was killed', () => {
  it.each([0, 1, 3])(
    'with %i of 3 older instances healthy empties what came up, and nothing else',
    async (up) => {
      const world = await rollbackUnderWay(up);
      const { text } = await postStep(world, 1);
      expect(await thereIs(world)).toMatchObject(onNewer);
      expect(text).toMatch(/all requests go to shop-prod-green \(version 2\), and shop-prod is emptied/);
    },
  );

  it('after the shift gives the requests back to the newer one', async () => {
    const world = await rollbackUnderWay(3);
    world.rule.weights = { [targetGroupArn]: 100, [greenTargetGroupArn]: 0 };
    await postStep(world, 1);
    expect(await thereIs(world)).toMatchObject(onNewer);
  });

  it('warns of requests that nobody gets', async () => {
    const world = await rollbackUnderWay(3);
    world.rule.weights = { [targetGroupArn]: 0, [greenTargetGroupArn]: 0 };
    expect(await postStep(world, 1)).toMatchObject({
      level: 'warning',
      text: expect.stringMatching(/every request is refused\. The command abort gives all/) as unknown,
    });
  });

  it('leaves it where on-cancel says so', async () => {
    const world = await rollbackUnderWay(1);
    const before = await thereIs(world);
    await postStep(world, 1, 'leave');
    expect(await thereIs(world)).toEqual(before);
  });
});

describe('the post step of a rollout that was killed', () => {
  it.each([40, 150, 320, 500])('after %i s gives the requests to the version before', async (seconds) => {
    const world = await twoGroupWorld({ instances: 3 });
    world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
    world.after(seconds, () => world.controller.abort());
    await failureOf(rollOut(world, 2, { onCancel: 'leave', bakeTime: 600 }));
    await postStep(world, 2);
    expect(await thereIs(world)).toMatchObject({
      ...{ weights: [100, 0], blue: { version: '1', sizes: [1, 3, 6] }, green: { sizes: [0, 0, 6] } },
    });
  });

  it('empties nothing that somebody gives requests meanwhile', async () => {
    const world = await twoGroupWorld({ instances: 3 });
    world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
    await rollOut(world, 2, { pauseAt: 10 });
    world.after(3, () => {
      world.rule.weights = { [targetGroupArn]: 0, [greenTargetGroupArn]: 100 };
    });
    const { level, text } = await postStep(world, 2);
    expect({ level, text }).toMatchObject({
      level: 'warning',
      text: expect.stringContaining('is given requests again') as unknown,
    });
    expect(await world.versions()).toEqual({ 1: 3, 2: 3 });
  });

  it('leaves a rollout of another version alone', async () => {
    const world = await twoGroupWorld({ instances: 3 });
    await rollOut(world, 2, { pauseAt: 10 });
    expect((await postStep(world, 3)).level).toBe('info');
    expect(await world.versions()).toEqual({ 1: 3, 2: 3 });
  });
});

describe('a version before that is not whole', () => {
  it.each([
    ['abort', (world: SimulatedAws) => abortIn(world)],
    ['replace', (world: SimulatedAws) => rollOut(world, 3, { onActiveRefresh: 'replace' })],
  ] as const)('never gets the requests of what serves by %s', async (_, act) => {
    const world = await rollbackUnderWay(1);
    const failure = await failureOf(Promise.resolve(act(world)));
    expect([failure.message, ...failure.evidence.map(({ text }) => text)].join()).toMatch(
      /only 1 of 3 instances of shop-prod is healthy, and 3 of shop-prod-green serve: the requests stay where they are/,
    );
    expect(await thereIs(world)).toMatchObject({ weights: [0, 100], green: { sizes: [1, 3, 6] } });
    expect((await world.versions())[2]).toBe(3);
  });
});

describe('a job that is cancelled says what becomes of the fleet', () => {
  const cancelled = async (world: SimulatedAws, version: number) =>
    orderOnCancel(
      {
        context: {
          ...{ run: world.run({}), api: world.api, clock: world.clock, group: groupName },
          target: { templateId, version, previousVersion: 3 - version },
        },
      } as unknown as ActiveRollout,
      twoGroups,
      { keeps: greenName, goes: groupName, isOwn: true },
    );

  it('that came up: the post step empties it', async () => {
    const world = await rollbackUnderWay(1);
    expect(await cancelled(world, 1)).toBe(
      `${greenName} has all requests; ${groupName} is emptied by the post step`,
    );
  });

  it.each([0, 100])('that was kept, with %i %% of the requests: it stays', async (weight) => {
    const world = await twoGroupWorld({ instances: 3 });
    await rollOut(world, 2, { keepPrevious: true });
    world.rule.weights = { [targetGroupArn]: weight, [greenTargetGroupArn]: 100 - weight };
    expect(await cancelled(world, 1)).toMatch(/shop-prod stays up, as it was kept/);
    await postStep(world, 1);
    expect(await thereIs(world)).toMatchObject({ weights: [0, 100], blue: { sizes: [3, 3, 3] } });
  });

  it('that was not launched yet: nothing is emptied', async () => {
    const world = await twoGroupWorld({ instances: 3 });
    await rollOut(world);
    expect(await cancelled(world, 1)).toBe(`${greenName} has all requests; ${groupName} is empty`);
  });
});

describe('a live group that a rollout which came to no end has pinned', () => {
  const pinned = async () => {
    const world = await twoGroupWorld({ instances: 3, maxSize: 6 });
    await world.operation('UpdateAutoScalingGroup', { AutoScalingGroupName: groupName, MinSize: 3 });
    return world;
  };

  it.each([
    ['abort', (world: SimulatedAws) => abortIn(world)],
    ['the same deployment', (world: SimulatedAws) => rollOut(world, 1)],
  ] as const)('may shrink again after %s', async (_, act) => {
    const world = await pinned();
    await act(world);
    expect(await thereIs(world)).toMatchObject({ weights: [100, 0], blue: { sizes: [1, 3, 6] } });
    expect(world.lines.join()).toContain('had pinned it');
  });

  it('keeps its sizes where they are nobody’s but its own', async () => {
    const world = await pinned();
    await world.operation('UpdateAutoScalingGroup', { AutoScalingGroupName: groupName, MinSize: 2 });
    await abortIn(world);
    expect(await thereIs(world)).toMatchObject({ blue: { sizes: [2, 3, 6] } });
  });
});
