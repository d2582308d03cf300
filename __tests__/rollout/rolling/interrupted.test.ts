import { describe, expect, it } from '@jest/globals';
import type { RefreshObservation } from '../../../src/rollout/model/observations.ts';
import { settleInterruptedRefresh, refreshOfRun } from '../../../src/rollout/rolling/interrupted.ts';
import { refresh } from '../../environment/helpers.ts';
import { awsError, groupName, healthyGroup, templateId } from '../helpers/simulated-aws.ts';

/** The run began a minute before the refresh that `refresh` gives. */
const state = {
  group: 'shop-prod',
  templateId: 'lt-1',
  version: 3,
  started: Date.parse('2026-11-22T11:49:00Z'),
};

function api(answers: RefreshObservation[][], refusal?: Error) {
  const calls: string[] = [];
  return {
    calls,
    refreshes: async () => {
      const asked = calls.filter((name) => name === 'list').length;
      calls.push('list');
      return answers[Math.min(asked, answers.length - 1)] ?? [];
    },
    rollBack: async () => {
      calls.push('rollBack');
      if (refusal !== undefined) throw refusal;
    },
  };
}

const one = (status: string, version = '3') => refresh({ id: 'r-1', version, status, percentage: 40 });

describe('finishRefresh', () => {
  it.each(['Pending', 'InProgress', 'Baking'])('orders the rollback of one that is %s', async (status) => {
    const aws = api([[one(status)]]);
    const told = await settleInterruptedRefresh(aws, state, 'rollback');
    expect(aws.calls).toContain('rollBack');
    expect(told).toMatchObject({
      level: 'warning',
      text: expect.stringMatching(/AWS is rolling instance refresh r-1/),
    });
  });

  it.each<[string, 'info' | 'warning', RegExp]>([
    ['RollbackInProgress', 'warning', /is rolling back at AWS, 40 %/],
    ['Cancelling', 'warning', /is being cancelled/],
    ['RollbackSuccessful', 'info', /the version before serves again/],
    ['RollbackFailed', 'warning', /THE ROLLBACK FAILED/],
    ['Successful', 'warning', /was successful before it could be taken back/],
    ['Cancelled', 'warning', /may run both versions/],
  ])('leaves one that is %s alone, and says so', async (status, level, text) => {
    const aws = api([[one(status)]]);
    expect(await settleInterruptedRefresh(aws, state, 'rollback')).toEqual({
      level,
      text: expect.stringMatching(text),
    });
    expect(aws.calls).not.toContain('rollBack');
  });

  it('says of one that ended at a checkpoint who goes on with it', async () => {
    const half = { ...one('Successful'), preferences: { CheckpointPercentages: [20] } };
    const { text } = await settleInterruptedRefresh(api([[half]]), state, 'rollback');
    expect(text).toMatch(
      /ended at its last checkpoint .* both versions, and may launch the new one \(the command status tells\)\. .* promote goes on, abort takes/,
    );
  });

  it.each(['Successful', 'Cancelled', 'Failed'])(
    'tells of the way back that goes on after one that is %s',
    async (status) => {
      const back = { ...one('InProgress', '2'), id: 'r-2' };
      const aws = api([[back, one(status)]]);
      expect(await settleInterruptedRefresh(aws, state, 'rollback')).toEqual({
        level: 'warning',
        text: expect.stringMatching(
          /r-1 of .* is over, and instance refresh r-2, .* goes on to version 2 at AWS, 40 %/,
        ),
      });
      expect(aws.calls).not.toContain('rollBack');
    },
  );

  it('lets it go on when on-cancel is leave', async () => {
    const aws = api([[one('InProgress')]]);
    const told = await settleInterruptedRefresh(aws, state, 'leave');
    expect(told.text).toMatch(/goes on to version 3 at AWS \(40 %\), as on-cancel says/);
    expect(aws.calls).not.toContain('rollBack');
  });

  it('touches no refresh of another run', async () => {
    const older = { ...one('InProgress'), startTime: new Date('2026-11-22T11:00:00Z') };
    for (const foreign of [older, one('InProgress', '4')]) {
      const aws = api([[foreign]]);
      expect((await settleInterruptedRefresh(aws, state, 'rollback')).text).toMatch(/were not touched/);
      expect(aws.calls).not.toContain('rollBack');
    }
  });

  it('looks again at one that ended in this moment', async () => {
    const aws = api([[one('InProgress')], [one('Successful')]], awsError('ActiveInstanceRefreshNotFound'));
    expect((await settleInterruptedRefresh(aws, state, 'rollback')).text).toMatch(/was successful before/);
  });

  it('says how to order a rollback that AWS refuses', async () => {
    const aws = api([[one('InProgress')]], awsError('AccessDenied', 'no'));
    expect((await settleInterruptedRefresh(aws, state, 'rollback')).text).toMatch(
      /could not be ordered \(AccessDenied: no\)\. Order it with: aws autoscaling rollback/,
    );
  });
});

describe('refreshOfRun', () => {
  it('takes one that has not begun', () => {
    const pending = { ...one('Pending'), startTime: undefined };
    expect(refreshOfRun([pending], state)).toBe(pending);
  });
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
  expect((await settleInterruptedRefresh(world.api, state, 'leave')).text).toMatch(/goes on to version 2/);
  expect((await settleInterruptedRefresh(world.api, state, 'rollback')).text).toMatch(/AWS is rolling/);
  await world.advance(300);
  expect((await settleInterruptedRefresh(world.api, state, 'rollback')).text).toMatch(
    /the version before serves again/,
  );
  expect(await world.versions()).toEqual({ 1: 2 });
});
