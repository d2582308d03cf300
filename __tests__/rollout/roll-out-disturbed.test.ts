import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { failureOf, otherRefresh } from './helpers/acts.ts';
import { awsError, groupName, healthyGroup, lostAnswer, type SimulatedAws } from './helpers/simulated-aws.ts';

const cancelled = new DeployError({ reason: 'cancelled', message: 'the job was cancelled' });

describe('cancelling the job', () => {
  it.each([
    [
      'rollback' as const,
      /^AWS is rolling instance refresh \S+ back to version 1, without this job$/,
      { 1: 4 },
    ],
    ['leave' as const, /goes on at AWS, as on-cancel says/, { 2: 4 }],
  ])('on-cancel %s works within seconds', async (onCancel, left, versions) => {
    const world = await healthyGroup({ instances: 4 });
    let at = 0;
    world.after(40, () => {
      at = world.elapsed;
      world.controller.abort(cancelled);
    });
    const failure = await failureOf(world.rollOut(2, { onCancel }));
    expect(world.elapsed - at).toBeLessThan(3);
    expect(failure).toMatchObject({ reason: 'cancelled', rollout: { status: 'cancelled' } });
    expect(failure.left).toMatch(left);
    await world.advance(300);
    expect(await world.versions()).toEqual(versions);
  });

  it('before the refresh touches nothing', async () => {
    const world = await healthyGroup();
    world.controller.abort(cancelled);
    const failure = await failureOf(world.rollOut(2));
    expect(failure.left).toContain('no instance of shop-prod was touched');
    expect(world.calls).toEqual([]);
  });

  it("when its refresh is over touches nobody else's", async () => {
    const world = await healthyGroup({ instances: 4 });
    world.after(40, async () => {
      await world.operation('CancelInstanceRefresh', {
        AutoScalingGroupName: groupName,
        WaitForTransitioningInstances: false,
      });
      await otherRefresh(world, '3');
      world.controller.abort(cancelled);
    });
    const failure = await failureOf(world.rollOut(2, { onCancel: 'rollback' }));
    expect(failure.left).toMatch(/^instance refresh \S+ had ended already$/);
    await world.advance(300);
    expect(await world.versions()).toEqual({ 3: 4 });
  });

  it('during the rollback leaves it to AWS and says so', async () => {
    const world = await healthyGroup({ instances: 10, drain: 60 });
    world.after(100, () => world.controller.abort(cancelled));
    const failure = await failureOf(
      world.rollOut(2, { timeout: 90, minHealthyPercentage: 90, maxHealthyPercentage: 110 }),
    );
    expect(failure.left).toMatch(/cancelled during the rollback: .* goes on to version 1 at AWS/);
    await world.advance(600);
    expect(await world.versions()).toEqual({ 1: 10 });
  });
});

describe('bad luck with the API', () => {
  it.each<[string, (world: SimulatedAws) => void]>([
    [
      'throttled polls',
      (world) => world.fail('refresh', () => awsError('Throttling', 'Rate exceeded'), { times: 20 }),
    ],
    ['lost polls', (world) => world.fail('refresh', lostAnswer, { times: 10 })],
    ['throttled details', (world) => world.fail('group', () => awsError('Throttling'), { times: 3 })],
    [
      'a lost answer to the start, which took effect',
      (world) => world.fail('start', lostAnswer, { done: true }),
    ],
    [
      'a lost answer, then "in progress" for our own',
      (world) => world.fail('start', () => awsError('InstanceRefreshInProgressFault'), { done: true }),
    ],
    ['a start that never arrived', (world) => world.fail('start', lostAnswer)],
    [
      'a contended start',
      (world) => world.fail('start', () => awsError('ResourceContentionFault', '', 500), { times: 2 }),
    ],
    ['expired credentials', (world) => world.fail('refresh', () => awsError('ExpiredToken'), { times: 2 })],
    [
      'a role that may not read consoles and activities',
      (world) => {
        world.fail('console', () => awsError('UnauthorizedOperation', '', 403), { times: 99 });
        world.fail('activities', () => awsError('AccessDenied', '', 403), { times: 99 });
      },
    ],
  ])('%s does not fail the rollout', async (_, break_) => {
    const world = await healthyGroup();
    break_(world);
    expect((await world.rollOut(2)).status).toBe('successful');
    expect(await world.versions()).toEqual({ 2: 2 });
    const refreshes = await world.api.refreshes(groupName);
    expect(refreshes).toHaveLength(1);
  });

  it('a missing right is warned about once', async () => {
    const world = await healthyGroup();
    world.fail('activities', () => awsError('AccessDenied', 'no', 403), { times: 99 });
    await world.rollOut(2);
    expect(world.warnings.filter((text) => text.includes('may not see the activities'))).toHaveLength(1);
  });

  it('credentials that stay expired end the run, with what AWS goes on doing', async () => {
    const world = await healthyGroup();
    world.fail(
      'refresh',
      () => awsError('ExpiredToken', 'The security token included in the request is expired'),
      { times: 999 },
    );
    const failure = await failureOf(world.rollOut(2));
    expect(failure.reason).toBe('credentials');
    expect(failure.left).toContain('goes on at AWS');
    expect(world.renewals).toBeGreaterThan(5);
  });

  it.each([
    ['AccessDenied', 403, 'credentials', 'the deploy role may not start an instance refresh'],
    ['ValidationError', 400, 'preflight', 'AWS does not accept the rollout of version 2'],
  ])('a start that is answered with %s', async (name, status, ...expected) => {
    const world = await healthyGroup();
    world.fail('start', () => awsError(name, 'because', status));
    const failure = await failureOf(world.rollOut(2));
    expect([failure.reason, failure.message]).toEqual(expected);
    expect(failure.evidence[0]?.text).toContain('because');
  });

  it('a rollback whose order was answered with silence is watched all the same', async () => {
    const world = await healthyGroup();
    world.fault({ templateVersion: 2, bootFailure: true });
    world.fail('rollBack', lostAnswer, { done: true });
    expect((await failureOf(world.rollOut(2))).left).toBe('rolled back: both instances run version 1 again');
    expect([world.count('cancel'), world.count('start')]).toEqual([0, 1]);
  });
});
