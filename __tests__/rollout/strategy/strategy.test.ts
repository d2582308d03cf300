import { expect, describe, it } from '@jest/globals';
import { evaluateGroup, isTerminating } from '../../../src/rollout/model/index.ts';
import type { RolloutProgress } from '../../../src/rollout/model/index.ts';
import { nextAction, readSnapshot } from '../../../src/rollout/plan/index.ts';
import { describeLeft } from '../../../src/rollout/strategy/index.ts';
import type { Strategy } from '../../../src/rollout/strategy/index.ts';
import { failureOf } from '../helpers/acts.ts';
import { groupName, healthyGroup, templateId, type SimulatedAws } from '../helpers/simulated-aws.ts';

/**
 * A second strategy, made here: it gives the group the new version and terminates its instances one after the other,
 * with no instance refresh. The driver, the monitor, the verdict and the diagnosis serve it as they are.
 */
function oneByOne(world: SimulatedAws): Strategy {
  const startTime = new Date(world.simulated.clock.now());
  const launch = (version: number) =>
    world.operation('UpdateAutoScalingGroup', {
      AutoScalingGroupName: groupName,
      LaunchTemplate: { LaunchTemplateId: templateId, Version: String(version) },
    });
  const readGroup = async () => {
    const group = await world.api.group(groupName);
    if (!group) throw new Error('the group is gone');
    return group;
  };
  const replaceOne = async (version: number): Promise<RolloutProgress> => {
    const group = await readGroup();
    const target = { templateId, version, previousVersion: undefined };
    const { serving, outdated, unhealthy } = evaluateGroup(
      group,
      await world.api.targets(group.targetGroupArns),
      target,
    );
    const [next] = outdated;
    if (next !== undefined && unhealthy.length === 0 && serving.length + outdated.length >= group.desired)
      await world.operation('TerminateInstanceInAutoScalingGroup', {
        InstanceId: next,
        ShouldDecrementDesiredCapacity: false,
      });
    const done = serving.length >= group.desired && outdated.length === 0;
    return {
      stage: done ? 'over' : 'replacing',
      succeeded: done,
      rollingBack: false,
      words: done ? 'done' : 'replacing one by one',
      percentageComplete: Math.floor((100 * serving.length) / Math.max(1, group.desired)),
      statusReason: '',
      startTime,
      fingerprint: `${serving.length} of ${group.desired}`,
    };
  };
  return {
    name: 'one-by-one',
    noun: 'replacement',
    inspectCommand: (group) => `show ${group}`,
    success: 'all are replaced',
    unwatched: 'nobody replaces the others',
    snapshot: readSnapshot,
    settleConcurrent: async () => ({ kind: 'clear' }),
    nextAction: (snapshot, { target }) => nextAction(snapshot, target),
    preflight: async () => [],
    start: async ({ target }) => {
      await launch(target.version);
      return 'one-by-one-1';
    },
    announce: () => ({ seconds: 300, mostly: '', atATime: 1, highestCapacity: 3 }),
    progress: ({ context: { target } }) => ({
      what: 'read the group',
      read: () => replaceOne(target.version),
    }),
    diagnoseEnd: () => Promise.reject(new Error('it never ends by itself')),
    undo: async ({ context }) => {
      const { previousVersion = 0, version } = context.target;
      await launch(previousVersion);
      for (const { id, templateVersion } of (await readGroup()).instances.filter(
        (instance) => !isTerminating(instance),
      ))
        if (templateVersion === version)
          await world.operation('TerminateInstanceInAutoScalingGroup', {
            InstanceId: id,
            ShouldDecrementDesiredCapacity: false,
          });
      await context.clock.sleep(90);
      return { kind: 'rolled-back', left: await describeLeft(context), why: '' };
    },
    orderOnCancel: async () => 'the rest keeps the old version',
    settleInterrupted: () => Promise.reject(new Error('no run was killed')),
  };
}

describe('a strategy that this repository does not have', () => {
  it('moves the group, is monitored and verified', async () => {
    const world = await healthyGroup({ instances: 3 });
    const result = await world.rollOut(2, {}, { strategy: oneByOne(world) });
    expect(result).toMatchObject({
      status: 'successful',
      templateVersion: 2,
      previousTemplateVersion: 1,
      instanceRefreshId: 'one-by-one-1',
    });
    expect(await world.versions()).toEqual({ 2: 3 });
    expect(world.count('start')).toBe(0);
    expect(world.lines.some((line) => line.includes('of 3 on version 2'))).toBe(true);
  });

  it('is condemned by the same verdict, explained by the same diagnosis, and undone by its own means', async () => {
    const world = await healthyGroup({ instances: 3 });
    world.fault({ templateVersion: 2, neverHealthy: true });
    const failure = await failureOf(world.rollOut(2, {}, { strategy: oneByOne(world) }));
    expect(failure.reason).toBe('targets-unhealthy');
    expect(failure.left).toBe('rolled back: all 3 instances run version 1 again');
    expect(failure.rollout?.status).toBe('rolled-back');
    expect(await world.versions()).toEqual({ 1: 3 });
    expect(world.count('rollBack')).toBe(0);
  });

  it('hears of a cancelled job and says what it leaves', async () => {
    const world = await healthyGroup({ instances: 3 });
    world.after(20, () => world.controller.abort());
    const failure = await failureOf(world.rollOut(2, {}, { strategy: oneByOne(world) }));
    expect(failure).toMatchObject({
      reason: 'cancelled',
      left: 'the rest keeps the old version',
      evidence: [{ label: 'replacement', text: 'one-by-one-1' }],
      next: `see how it ends: show ${groupName}`,
    });
  });
});
