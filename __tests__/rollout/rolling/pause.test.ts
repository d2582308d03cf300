import { describe, expect, it } from '@jest/globals';
import type { DeployError } from '../../../src/core/errors.ts';
import type { Inputs } from '../../../src/inputs/table.ts';
import { abort } from '../../../src/rollout/abort.ts';
import { checkPause, withPause } from '../../../src/rollout/rolling/pause.ts';
import { refresh } from '../../environment/helpers.ts';
import { group, instance, settings } from '../helpers/observations.ts';
import {
  awsError,
  groupName,
  healthyGroup,
  templateId,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';

const halfway = {
  ...refresh({ id: 'half', version: '42', status: 'Successful' }),
  preferences: { CheckpointPercentages: [20] },
};
const paused = group({
  desired: 5,
  instances: [41, 41, 41, 41, 42].map((templateVersion, index) =>
    instance(`i-${index}`, { templateVersion }),
  ),
});

const grown = [5, 6, 7, 8, 9].map((index) => instance(`i-${index}`, { templateVersion: 41 }));

describe('the settings of a rollout that pauses', () => {
  it.each<[string, Partial<Inputs>, Parameters<typeof withPause>[1]['group'], number, object]>([
    [
      'end at the pause',
      { pauseAt: 20 },
      group(),
      42,
      { pauseAt: 20, checkpoints: [20], checkpointDelay: 0 },
    ],
    [
      'have the checkpoints before it',
      { pauseAt: 50, checkpoints: [20, 50, 100], checkpointDelay: 60 },
      group(),
      42,
      { pauseAt: 50, checkpoints: [20, 50], checkpointDelay: 60 },
    ],
    [
      'wait at the only checkpoint when told',
      { pauseAt: 20, checkpointDelay: 60 },
      group(),
      42,
      { pauseAt: 20, checkpoints: [20], checkpointDelay: 60 },
    ],
    [
      'are the same where nobody is waited for',
      { checkpoints: [20, 100] },
      group(),
      42,
      { checkpoints: [20, 100] },
    ],
    ['know no pause on a way back', { pauseAt: 20 }, group(), 40, { checkpoints: [] }],
    ['know none to the version that is saved', { pauseAt: 20 }, group(), 41, { checkpoints: [] }],
    [
      'know none where nothing is wanted',
      { pauseAt: 20 },
      group({ desired: 0, instances: [] }),
      42,
      { checkpoints: [] },
    ],
    ['have passed it with promote', { command: 'promote', pauseAt: 20 }, paused, 42, { checkpoints: [] }],
    [
      'have passed its checkpoint too',
      { command: 'promote', pauseAt: 20, checkpoints: [20, 50, 100] },
      paused,
      42,
      { checkpoints: [50, 100] },
    ],
    [
      'pause once more with promote',
      { command: 'promote', pauseAt: 50, checkpoints: [20, 50, 100] },
      paused,
      42,
      { pauseAt: 50, checkpoints: [50] },
    ],
    [
      'have passed it with promote where the group has grown since',
      { command: 'promote', pauseAt: 20, checkpoints: [20, 50, 100] },
      group({ ...paused, desired: 10, instances: [...paused.instances, ...grown] }),
      42,
      { checkpoints: [50, 100] },
    ],
    ['pause there again with deploy', { command: 'deploy', pauseAt: 20 }, paused, 42, { pauseAt: 20 }],
  ])('%s', (...row) => {
    const [, inputs, of, version, expected] = row;
    const { checkpoints = [] } = inputs;
    const seen = withPause(settings({ checkpoints }), {
      ...{ inputs: { command: 'deploy', ...inputs } as Inputs, group: of, refreshes: [halfway] },
      target: { version },
    });
    expect(seen).toMatchObject(expected);
    expect(seen.pauseAt).toBe((expected as { pauseAt?: number }).pauseAt);
  });
});

describe('a pause', () => {
  it.each<[string, Parameters<typeof group>[0], number | undefined, string[]]>([
    ['at some of them', { desired: 5 }, 20, []],
    ['at half of two', { desired: 2 }, 1, []],
    ['at the only one', { desired: 1 }, 20, ['pause-at-all']],
    ['at all of five', { desired: 5 }, 81, ['pause-at-all']],
    ['at four of five', { desired: 5 }, 80, []],
    [
      'with no version to launch meanwhile',
      { desired: 5, template: { id: 'lt-1', name: 'shop', version: '$Latest' } },
      20,
      ['pause-without-number'],
    ],
    ['that nobody asked for', { desired: 1 }, undefined, []],
  ])('%s', (_what, change, pauseAt, codes) => {
    const asked = { group: group(change), settings: settings(pauseAt === undefined ? {} : { pauseAt }) };
    expect(checkPause(asked).map(({ code }) => code)).toEqual(codes);
  });
});

/** What the group runs, and what it launches. */
async function standing(world: SimulatedAws) {
  const now = await world.api.group(groupName);
  return { versions: await world.versions(), saved: now?.template?.version };
}

const aborted = (world: SimulatedAws) =>
  abort(
    world.run({ command: 'abort' }),
    {
      ...{ autoscalingGroupName: groupName, launchTemplateId: templateId, launchTemplateVersion: 2 },
      ...{ targetGroupArns: [], url: '', repositoryUrl: '', alarmNames: [], all: {} },
    },
    { api: world.api, clock: world.clock },
  );

async function pausedGroup(): Promise<SimulatedAws> {
  const world = await healthyGroup({ instances: 5 });
  await world.rollOut(2, { pauseAt: 20, skipMatching: true });
  return world;
}

const going = { skipMatching: true };
const half = { versions: { 1: 4, 2: 1 }, saved: '1' };

describe('a rollout that waits for a person', () => {
  it('ends at the pause, and what comes meanwhile is of the version before', async () => {
    const world = await healthyGroup({ instances: 5 });
    const result = await world.rollOut(2, { pauseAt: 20, ...going });
    expect(result).toMatchObject({ status: 'paused', previousTemplateVersion: 1 });
    expect(result.outdatedInstances).toHaveLength(4);
    expect(await standing(world)).toEqual(half);
    expect(world.lines.join('\n')).toMatch(/! at 20 % \(1 of 5 instances\) it waits for the command promote/);
    await world.operation('SetDesiredCapacity', { AutoScalingGroupName: groupName, DesiredCapacity: 7 });
    await world.advance(400);
    expect(await standing(world)).toEqual({ versions: { 1: 6, 2: 1 }, saved: '1' });
  });

  it('holds no refresh that AWS would go on with', async () => {
    const world = await pausedGroup();
    expect((await world.api.refreshes(groupName)).map(({ status }) => status)).toEqual(['Successful']);
    await world.advance(3600);
    expect(await standing(world)).toEqual(half);
  });

  it('is not begun where the role may not set the version that the group launches', async () => {
    const world = await healthyGroup({ instances: 5 });
    world.fail('setSizes', () => awsError('AccessDenied', 'not allowed', 403));
    await expect(world.rollOut(2, { pauseAt: 20 })).rejects.toMatchObject({
      reason: 'credentials',
      message: 'the deploy role may not set the version that the group launches, which a pause needs',
    });
    expect(await world.api.refreshes(groupName)).toEqual([]);
  });

  it('is taken back where the service answers badly at the pause', async () => {
    const world = await healthyGroup({ instances: 5 });
    const smokeTest: Inputs['smokeTest'] = {
      path: '/',
      statuses: [[200, 299]],
      body: undefined,
      attempts: 1,
    };
    const answers = () =>
      Promise.resolve(
        new Response('', {
          status: world.lines.some((line) => line.includes('launches version 1')) ? 500 : 200,
        }),
      );
    const inputs = { pauseAt: 20, ...going, smokeTest };
    await expect(world.rollOut(2, inputs, { fetch: answers })).rejects.toMatchObject({
      reason: 'smoke-test',
      left: 'rolled back: all 5 instances run version 1 again',
    });
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });

  it('is gone on with by promote, with AWS’s own rollback to the version before', async () => {
    const world = await pausedGroup();
    const result = await world.rollOut(2, { command: 'promote', pauseAt: 20, ...going });
    expect(result).toMatchObject({ status: 'successful', previousTemplateVersion: 1 });
    expect(await standing(world)).toEqual({ versions: { 2: 5 }, saved: '2' });
    expect((await world.api.refreshes(groupName))[0]?.preferences?.AutoRollback).toBe(true);
  });

  it('is taken back whole where what promote goes on with turns out bad', async () => {
    const world = await pausedGroup();
    world.fault({ templateVersion: 2, bootFailure: 'health' });
    await expect(world.rollOut(2, { command: 'promote', ...going })).rejects.toMatchObject({
      rollout: { status: 'rolled-back' },
      left: 'rolled back: all 5 instances run version 1 again',
    });
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });

  it('is taken back by abort, and there is nothing to take back then', async () => {
    const world = await pausedGroup();
    expect(await aborted(world)).toMatchObject({
      found: expect.stringContaining(
        'version 2 runs on 1 of 5 instances (20 %) and waits for a person',
      ) as unknown,
      left: 'all 5 instances run version 1 again',
      result: { templateVersion: 1, previousTemplateVersion: 2 },
    });
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
    expect(await aborted(world)).toBeUndefined();
  });

  it('is told by abort where the version before does not come up either', async () => {
    const world = await pausedGroup();
    world.fault({ templateVersion: 1, bootFailure: 'pull' });
    await expect(aborted(world)).rejects.toMatchObject({ reason: 'rollback-failed' });
  });

  it('waits there again with a deployment of the same version that asks for it', async () => {
    const world = await pausedGroup();
    const before = (await world.api.refreshes(groupName)).length;
    const result = await world.rollOut(2, { pauseAt: 20, ...going });
    expect(result).toMatchObject({ status: 'paused' });
    expect(result.outdatedInstances).toHaveLength(4);
    expect(await world.api.refreshes(groupName)).toHaveLength(before);
    expect(await standing(world)).toEqual(half);
  });

  it('gets through with a deployment of the same version that asks nobody', async () => {
    const world = await pausedGroup();
    expect(await world.rollOut(2, going)).toMatchObject({ status: 'successful' });
    expect(await standing(world)).toEqual({ versions: { 2: 5 }, saved: '2' });
  });

  it.each<Inputs['onActiveRefresh']>(['wait', 'adopt', 'fail'])(
    'is in the way of another version with on-active-refresh %s',
    async (onActiveRefresh) => {
      const world = await pausedGroup();
      const failure: DeployError = await world.rollOut(3, { ...going, onActiveRefresh }).then(
        () => {
          throw new Error('it was rolled out');
        },
        (error: unknown) => error as DeployError,
      );
      expect(failure).toMatchObject({ reason: 'refresh-active' });
      expect(failure.message).toMatch(/a rollout of version 2 waits for a person: version 2 runs on 1 of 5/);
      expect(await standing(world)).toEqual(half);
    },
  );

  it('is taken back for another version with on-active-refresh replace', async () => {
    const world = await pausedGroup();
    const result = await world.rollOut(3, { ...going, pauseAt: 20, onActiveRefresh: 'replace' });
    expect(result).toMatchObject({ status: 'paused', templateVersion: 3, previousTemplateVersion: 1 });
    expect(await standing(world)).toEqual({ versions: { 1: 4, 3: 1 }, saved: '1' });
    expect(world.lines.join('\n')).toMatch(/taking that back, as on-active-refresh says/);
  });

  it.each<[Inputs['onActiveRefresh'], number, string]>([
    ['replace', 1, 'boot-failed'],
    ['fail', 0, 'refresh-active'],
  ])(
    'with %s it is told %i times as taken back, even where the other version fails',
    async (onActiveRefresh, times, reason) => {
      const world = await pausedGroup();
      world.fault({ templateVersion: 3, bootFailure: 'run' });
      let told = 0;
      const failing = world.rollOut(3, { ...going, onActiveRefresh }, { onTakenBack: () => (told += 1) });
      await expect(failing).rejects.toMatchObject({ reason });
      expect(told).toBe(times);
    },
  );

  it('is taken back by rollback', async () => {
    const world = await pausedGroup();
    const result = await world.rollOut(1, { ...going, command: 'rollback', pauseAt: 20 });
    expect(result).toMatchObject({ status: 'successful', templateVersion: 1 });
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });

  it('is healed with the version before where its instances die', async () => {
    const world = await healthyGroup({ instances: 5 });
    world.fault({ templateVersion: 2, diesAfterSeconds: 1500 });
    expect(await world.rollOut(2, { pauseAt: 20, ...going })).toMatchObject({ status: 'paused' });
    await world.advance(2400);
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
    expect(await aborted(world)).toBeUndefined();
  });

  it('is refused where a pause would be at the only instance', async () => {
    const world = await healthyGroup({ instances: 1 });
    await expect(world.rollOut(2, { pauseAt: 20 })).rejects.toMatchObject({
      reason: 'preflight',
      message: 'pause-at is 20, and 20 % of 1 is the only instance',
    });
  });
});

describe('a run that was killed', () => {
  it('between the end of its refresh and its pause: a rerun waits, promote goes on, abort takes it back', async () => {
    const killed = async () => {
      const world = await healthyGroup({ instances: 5 });
      await world.rollOut(2, { checkpoints: [20], ...going });
      expect(await standing(world)).toEqual({ versions: { 1: 4, 2: 1 }, saved: '2' });
      return world;
    };
    const again = await killed();
    expect(await again.rollOut(2, { pauseAt: 20, ...going })).toMatchObject({ status: 'paused' });
    expect(await standing(again)).toEqual(half);
    const on = await killed();
    expect(await on.rollOut(2, { command: 'promote', ...going })).toMatchObject({
      ...{ status: 'successful', previousTemplateVersion: 1 },
    });
    const back = await killed();
    expect(await aborted(back)).toMatchObject({ left: 'all 5 instances run version 1 again' });
    expect(await standing(back)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });

  it('while its refresh goes on: a rerun waits for its end, and pauses there', async () => {
    const world = await healthyGroup({ instances: 5 });
    await world.api.start({
      ...{
        group: groupName,
        preferences: { CheckpointPercentages: [20], CheckpointDelay: 0, SkipMatching: true },
      },
      desiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: '2' } },
    });
    expect(await world.rollOut(2, { pauseAt: 20, ...going })).toMatchObject({ status: 'paused' });
    expect(await standing(world)).toEqual(half);
  });

  it('while its refresh goes on: promote goes on behind its end, abort turns it round', async () => {
    const moving = async () => {
      const world = await healthyGroup({ instances: 5 });
      await world.api.start({
        ...{
          group: groupName,
          preferences: { CheckpointPercentages: [20], CheckpointDelay: 0, SkipMatching: true },
        },
        desiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: '2' } },
      });
      await world.advance(20);
      return world;
    };
    const on = await moving();
    expect(await on.rollOut(2, { command: 'promote', ...going })).toMatchObject({ status: 'successful' });
    expect(await standing(on)).toEqual({ versions: { 2: 5 }, saved: '2' });
    const back = await moving();
    expect(await aborted(back)).toMatchObject({ left: 'all 5 instances run version 1 again' });
    expect(await standing(back)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });
});

describe('an abort', () => {
  const partly = async () => {
    const world = await healthyGroup({ instances: 5 });
    await world.rollOut(2, { checkpoints: [20], ...going });
    expect(await standing(world)).toEqual({ versions: { 1: 4, 2: 1 }, saved: '2' });
    return world;
  };

  it('that died on its way is seen, and goes on with the next one', async () => {
    const world = await partly();
    world.fail('start', () => awsError('AccessDenied', 'it ends here', 403));
    await expect(aborted(world)).rejects.toThrow();
    expect(await standing(world)).toEqual(half);
    expect(await aborted(world)).toMatchObject({ left: 'all 5 instances run version 1 again' });
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });

  it('beside another one brings nothing of the version back', async () => {
    const world = await partly();
    const first = aborted(world);
    await world.advance(10);
    const second = aborted(world);
    await expect(second).rejects.toMatchObject({ reason: 'refresh-active' });
    await first;
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });

  it('in the middle of a promotion takes back also what was there at the pause', async () => {
    const world = await pausedGroup();
    await world.api.start({
      group: groupName,
      preferences: { SkipMatching: true },
      desiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: '2' } },
    });
    await world.advance(20);
    expect(await aborted(world)).toMatchObject({ left: 'all 5 instances run version 1 again' });
    expect(await standing(world)).toEqual({ versions: { 1: 5 }, saved: '1' });
  });
});
