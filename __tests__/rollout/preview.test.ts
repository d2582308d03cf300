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

it('foresees that a smoke test could not be made', async () => {
  const world = await healthyGroup({ instances: 3 });
  const smokeTest = { path: '/', statuses: [[200, 299]] as [number, number][], body: undefined, attempts: 2 };
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const outputs = {
    autoscalingGroupName: groupName,
    launchTemplateId: templateId,
    launchTemplateVersion: 2,
    targetGroupArns: [targetGroupArn],
    url: 'http://shop.example',
    repositoryUrl: '',
    alarmNames: [],
    all: {},
  };
  const { findings } = await previewRollout(world.run({ smokeTest }), outputs, undefined, {
    api: world.api,
    clock: world.clock,
    fetch: () => Promise.reject(new TypeError('fetch failed', { cause: refused })),
  });
  expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['smoke-test-unreachable', 'error'],
  ]);
  expect(world.lines.join('\n')).toContain("! would stop it: the smoke test can't be made");
});
