import { expect, it } from '@jest/globals';
import { rollbackTarget } from '../../src/environment/history.ts';
import { finishRefresh } from '../../src/rollout/rolling/after-cancel.ts';
import { previewRollout } from '../../src/rollout/preview.ts';
import { groupName, healthyGroup, targetGroupArn, templateId } from '../rollout/helpers/simulated-aws.ts';
import type { SimulatedAws } from '../rollout/helpers/simulated-aws.ts';
import { templateVersions } from './helpers.ts';

/** What the commands decide, from the records that a fleet of simulated instances keeps. */
async function targetNow(world: SimulatedAws) {
  const group = await world.api.group(groupName);
  if (group === undefined) throw new Error('no group');
  const refreshes = await world.api.refreshes(groupName);
  return rollbackTarget({ group, refreshes, versions: templateVersions(5) });
}

it('goes back along what was rolled out well, past what was not', async () => {
  const world = await healthyGroup({ instances: 2 });
  expect(await targetNow(world)).toBeUndefined();
  await world.rollOut(2);
  expect(await targetNow(world)).toEqual({ version: 1, from: 'assumed' });
  await world.rollOut(3);
  world.fault({ templateVersion: 4, bootFailure: true });
  await expect(world.rollOut(4)).rejects.toMatchObject({ rollout: { status: 'rolled-back' } });
  await world.rollOut(5);
  expect(await targetNow(world)).toEqual({ version: 3, from: 'seen' });
  await world.rollOut(3);
  expect(await world.versions()).toEqual({ 3: 2 });
  expect(await targetNow(world)).toEqual({ version: 2, from: 'seen' });
});

it('foresees a rollout without beginning one', async () => {
  const world = await healthyGroup({ instances: 3 });
  const outputs = {
    autoscalingGroupName: groupName,
    launchTemplateId: templateId,
    launchTemplateVersion: 2,
    targetGroupArns: [targetGroupArn],
    url: '',
    repositoryUrl: '',
    alarmNames: [],
    all: {},
  };
  const foreseen = await previewRollout(world.run({}), outputs, undefined, {
    api: world.api,
    clock: world.clock,
  });
  expect(foreseen.seconds).toBeGreaterThan(0);
  expect(world.lines).toContain('  template version 1 → 2');
  expect([world.count('start'), world.count('cancel'), world.count('rollBack')]).toEqual([0, 0, 0]);
});

it('takes back the refresh of a run that was killed', async () => {
  const world = await healthyGroup({ instances: 2 });
  const started = world.simulated.clock.now();
  await world.api.start({
    group: groupName,
    desiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: '2' } },
    preferences: { AutoRollback: true, MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
  });
  await world.advance(20);
  const state = { group: groupName, templateId, version: 2, started };
  expect((await finishRefresh(world.api, state, 'leave')).text).toMatch(/goes on to version 2/);
  expect((await finishRefresh(world.api, state, 'rollback')).text).toMatch(/AWS is rolling/);
  await world.advance(300);
  expect((await finishRefresh(world.api, state, 'rollback')).text).toMatch(/the version before serves again/);
  expect(await world.versions()).toEqual({ 1: 2 });
});
