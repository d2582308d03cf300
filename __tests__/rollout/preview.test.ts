import { expect, it } from '@jest/globals';
import { previewRollout } from '../../src/rollout/preview.ts';
import { groupName, healthyGroup, targetGroupArn, templateId } from './helpers/simulated-aws.ts';

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
