import { describe, expect, it } from '@jest/globals';
import { type Inputs } from '../../src/inputs/table.ts';
import { failureOf, otherRefresh, replaceRefresh, suspend } from './helpers/acts.ts';
import {
  groupName,
  healthyGroup,
  newGroup,
  type WorldOptions,
  awsError,
  lostAnswer,
  type SimulatedAws,
} from './helpers/simulated-aws.ts';
import { DeployError } from '../../src/core/errors.ts';

const containing = (text: string): unknown => expect.stringContaining(text);

describe('a rollout that goes well', () => {
  it.each([1, 2, 3, 10, 100])('replaces %i instances', async (instances) => {
    const world = await healthyGroup({ instances });
    const result = await world.rollOut(2);
    expect(result).toMatchObject({ status: 'successful', templateVersion: 2, previousTemplateVersion: 1 });
    expect(result.instancesBefore).toHaveLength(instances);
    expect(result.instancesAfter).toHaveLength(instances);
    expect(result.instancesAfter).not.toContain(result.instancesBefore[0]);
    expect(Math.abs(result.seconds - (result.estimate?.seconds ?? 0))).toBeLessThan(30);
    expect(await world.versions()).toEqual({ 2: instances });
    expect((await world.api.group(groupName))?.template?.version).toBe('2');
  });

  it.each<[string, WorldOptions, Partial<Inputs>]>([
    [
      'neither percentage',
      { instances: 4 },
      { minHealthyPercentage: undefined, maxHealthyPercentage: undefined },
    ],
    ['a minimum alone', { instances: 4 }, { minHealthyPercentage: 50, maxHealthyPercentage: undefined }],
    [
      'the policy of the group',
      { instances: 1, maintenancePolicy: { min: 100, max: 200 } },
      { minHealthyPercentage: undefined, maxHealthyPercentage: undefined },
    ],
    ['both at 100', { instances: 3 }, { minHealthyPercentage: 100, maxHealthyPercentage: 100 }],
    [
      'checkpoints and a bake time',
      { instances: 4 },
      { checkpoints: [50, 100], checkpointDelay: 60, bakeTime: 30 },
    ],
    ['a bake time of more than an hour', { instances: 2 }, { bakeTime: 4000, timeout: 7200 }],
    ['skip matching', { instances: 2 }, { skipMatching: true }],
    ['no target group', { instances: 2, withTargetGroup: false, healthCheckType: 'EC2' }, {}],
  ])('with %s', async (_, options, inputs) => {
    const world = await healthyGroup(options);
    const result = await world.rollOut(2, inputs);
    expect(result.status).toBe('successful');
    expect(await world.versions()).toEqual({ 2: options.instances });
    // The forecast follows the very rule of the refresh.
    expect(Math.abs(result.seconds - (result.estimate?.seconds ?? 0))).toBeLessThanOrEqual(
      0.35 * result.seconds,
    );
  });

  it('says the forecast before it starts, a line for each change, and what it came to', async () => {
    const world = await healthyGroup({ instances: 6 });
    await world.rollOut(2, { maxHealthyPercentage: 134 });
    const started = world.lines.findIndex((line) => line.startsWith('started instance refresh'));
    expect(world.lines.slice(0, started).join('\n')).toMatch(
      /version 1 → 2\n.*6 instances, launch before terminate, 2 at a time: 3 batches\n.*between 6 and 8/,
    );
    expect(world.lines.join('\n')).toMatch(/0:\d\d +33 % +2 of 6 on version 2 +i-\w+, i-\w+ healthy +about/);
    expect(world.lines.at(-1)).toMatch(/successful after .* the forecast was/);
  });

  it('stops at a last checkpoint below 100, says so, and a later run goes on from there', async () => {
    const world = await healthyGroup({ instances: 4 });
    const result = await world.rollOut(2, { checkpoints: [50], checkpointDelay: 10 });
    expect(result.status).toBe('partly-replaced');
    expect(result.outdatedInstances).toHaveLength(2);
    expect(await world.versions()).toEqual({ 1: 2, 2: 2 });
    expect(world.warnings.at(-1)).toContain('partly replaced, as the last checkpoint says: 2 of 4');
    const rest = await world.rollOut(2, { skipMatching: true });
    expect(rest).toMatchObject({ status: 'successful' });
    expect(rest.outdatedInstances).toBeUndefined();
    expect(await world.versions()).toEqual({ 2: 4 });
  });

  it('is patient with a slow but healthy start', async () => {
    const world = await healthyGroup({ instances: 2, gracePeriod: 300 });
    world.fault({ templateVersion: 2, secondsToHealthy: 280 });
    expect((await world.rollOut(2)).status).toBe('successful');
    expect(world.lines.join('\n')).toMatch(/no change for \d+ s: waiting for i-\w+ to become healthy \(Elb/);
  });

  it('asks as often for a hundred instances as for two', async () => {
    const counts = [];
    for (const instances of [2, 100]) {
      const world = await healthyGroup({ instances });
      await world.rollOut(2);
      counts.push(world.calls.length);
    }
    expect(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0))).toBeLessThanOrEqual(3);
  });
});

describe('nothing to replace', () => {
  it('starts no refresh when every instance runs the version and is healthy', async () => {
    const world = await healthyGroup({ instances: 3 });
    expect(await world.rollOut(1)).toMatchObject({
      status: 'unchanged',
      instanceRefreshId: undefined,
      previousTemplateVersion: undefined,
    });
    expect(world.count('start')).toBe(0);
  });

  it('watches a first deployment come up', async () => {
    const world = await newGroup({ instances: 3 });
    const result = await world.rollOut(1);
    expect(result).toMatchObject({ status: 'first-deployment', instancesBefore: [] });
    expect(result.instancesAfter).toHaveLength(3);
    expect(world.count('start')).toBe(0);
  });

  it('explains a first deployment that does not come up', async () => {
    const world = await newGroup({ instances: 2 });
    world.fault({ bootFailure: 'pull' });
    const failure = await failureOf(world.rollOut(1));
    expect(failure).toMatchObject({ reason: 'boot-failed', rollout: { status: 'failed' } });
    expect(failure.message).toContain("the image can't be pulled by 2 of 2 new instances");
    expect(failure.left).toContain('no version before');
  });

  it('mends a first deployment that failed before, without a refresh', async () => {
    const world = await newGroup({ instances: 2 });
    world.fault({ bootFailure: true });
    await failureOf(world.rollOut(1));
    world.simulated.clearFaults();
    expect((await world.rollOut(1)).status).toBe('first-deployment');
  });

  it('replaces instances of the version that do not serve and that nothing else replaces', async () => {
    const world = await healthyGroup({ instances: 2, warmup: 20 });
    await suspend(world, 'ReplaceUnhealthy');
    const stuck = Object.keys(await world.versions()).length;
    expect(stuck).toBe(1);
    const before = (await world.api.group(groupName))?.instances.map(({ id }) => id) ?? [];
    await world.operation('SetInstanceHealth', {
      InstanceId: before[0],
      HealthStatus: 'Unhealthy',
      ShouldRespectGracePeriod: false,
    });
    const result = await world.rollOut(1, { skipMatching: true, checkpoints: [50, 100] });
    expect(result).toMatchObject({
      status: 'successful',
      templateVersion: 1,
      previousTemplateVersion: undefined,
    });
    for (const id of before) expect(result.instancesAfter).not.toContain(id);
    expect(world.count('start')).toBe(1);
    expect(world.lines.join('\n')).toMatch(
      /i-\w+ of version 1 does not serve and nothing replaces it: replacing every instance with the same version/,
    );
  });

  it('says that there is nothing to go back to when replacing them does not help', async () => {
    const world = await healthyGroup({ instances: 2 });
    await suspend(world, 'ReplaceUnhealthy');
    const [first] = (await world.api.group(groupName))?.instances ?? [];
    await world.operation('SetInstanceHealth', { InstanceId: first?.id, HealthStatus: 'Unhealthy' });
    world.fault({ bootFailure: true });
    const failure = await failureOf(world.rollOut(1));
    expect(failure).toMatchObject({ reason: 'boot-failed', rollout: { status: 'failed' } });
    expect(failure.left).toMatch(
      /cancelled and not rolled back \(there is no other version to go back to\): /,
    );
    expect(failure.rollout?.instancesAfter.length).toBeGreaterThan(1);
  });

  it('takes an empty group to the version', async () => {
    const world = await healthyGroup({ instances: 0, maxSize: 2 });
    expect((await world.rollOut(2)).status).toBe('no-instances');
    expect(world.warnings.join()).toContain('desired capacity of the group is 0');
    expect(world.warnings.join()).toContain('nothing was seen to serve');
    expect((await world.rollOut(2)).status).toBe('no-instances');
  });

  it('says nothing good of a group that was scaled to 0 meanwhile', async () => {
    const world = await healthyGroup({ instances: 2 });
    world.after(40, () =>
      world.operation('SetDesiredCapacity', { AutoScalingGroupName: groupName, DesiredCapacity: 0 }),
    );
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({
      reason: 'no-instances',
      message: expect.stringMatching(/no instance was seen to serve.*went from 2 to 0 meanwhile/),
      left: 'version 2 is saved, and is what shop-prod launches next',
    });
  });
});

describe("somebody else's refresh", () => {
  it.each<[Inputs['onActiveRefresh'], string, string | undefined]>([
    ['fail', '2', 'refresh-active'],
    ['adopt', '3', 'refresh-active'],
    ['adopt', '2', undefined],
    ['wait', '3', undefined],
    ['wait', '2', undefined],
    ['replace', '3', undefined],
  ])('%s, when it brings version %s', async (onActiveRefresh, version, reason) => {
    const world = await healthyGroup({ instances: 3 });
    const other = await otherRefresh(world, version);
    await world.advance(10);
    const rollout = world.rollOut(2, { onActiveRefresh });
    if (reason !== undefined) {
      const failure = await failureOf(rollout);
      expect(failure).toMatchObject({ reason, left: containing('goes on') });
      expect(failure.evidence[0]?.text).toContain(String(other.InstanceRefreshId));
      expect(world.count('cancel') + world.count('start')).toBe(0);
      return;
    }
    const result = await rollout;
    expect(await world.versions()).toEqual({ 2: 3 });
    expect(result.instanceRefreshId === other.InstanceRefreshId).toBe(onActiveRefresh === 'adopt');
    expect(result.status).toBe(onActiveRefresh === 'wait' && version === '2' ? 'unchanged' : 'successful');
  });

  it('that comes first in the very moment of the start is waited for', async () => {
    const world = await healthyGroup({ instances: 2 });
    const start = world.api.start.bind(world.api);
    let raced = false;
    world.api.start = async (request) => {
      if (!raced) {
        raced = true;
        await otherRefresh(world, '2');
      }
      return start(request);
    };
    expect(await world.rollOut(3)).toMatchObject({ status: 'successful', previousTemplateVersion: 2 });
  });

  it.each<[string, Inputs['onActiveRefresh']]>([
    ['when it has ended', 'wait'],
    ['instead of replacing it', 'replace'],
  ])(
    'that brings a later version, begun since this run, is not rolled back: %s',
    async (_, onActiveRefresh) => {
      const world = await healthyGroup({ instances: 2 });
      const runStartedAt = new Date(world.simulated.clock.now());
      await world.advance(5);
      await otherRefresh(world, '3');
      await world.advance(5);
      const failure = await failureOf(world.rollOut(2, { onActiveRefresh }, { runStartedAt }));
      expect(failure).toMatchObject({ reason: 'superseded', left: containing('version 3 stays') });
      await world.advance(200);
      expect(await world.versions()).toEqual({ 3: 2 });
    },
  );

  it.each([
    ['begins', 2],
    ['has replaced every instance', 45],
    ['is over', 400],
  ])('that %s by the time of the last look takes nothing away from a success', async (_, seconds) => {
    const world = await healthyGroup({ instances: 2 });
    const refresh = world.api.refresh.bind(world.api);
    let begun = false;
    world.api.refresh = async (...asked) => {
      const seen = await refresh(...asked);
      if (seen?.status === 'Successful' && !begun) {
        begun = true;
        await otherRefresh(world, '3');
        await world.advance(seconds);
      }
      return seen;
    };
    expect(await world.rollOut(2)).toMatchObject({ status: 'successful', templateVersion: 2 });
    expect(world.lines.join('\n')).toContain('has begun since, and brings version 3');
  });

  it('that brings a later version which turns out bad leaves the way free', async () => {
    const world = await healthyGroup({ instances: 2 });
    const runStartedAt = new Date(world.simulated.clock.now());
    await world.advance(5);
    await otherRefresh(world, '3');
    world.after(20, () => world.api.rollBack(groupName));
    await world.rollOut(2, {}, { runStartedAt });
    expect(await world.versions()).toEqual({ 2: 2 });
  });
});

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

  it.each([
    ['wait' as const, 0],
    ['adopt' as const, 1],
  ])(
    "while another run's refresh of the same version goes on, with on-active-refresh %s: %i are its own",
    async (onActiveRefresh, own) => {
      const world = await healthyGroup({ instances: 4 });
      await otherRefresh(world, '2');
      world.after(20, () => world.controller.abort(cancelled));
      let begun = 0;
      const failure = await failureOf(world.rollOut(2, { onActiveRefresh }, { onBegin: () => (begun += 1) }));
      expect(failure.reason).toBe('cancelled');
      // What is begun is what the post step settles.
      expect(begun).toBe(own);
    },
  );

  it("when its refresh is over touches nobody else's", async () => {
    const world = await healthyGroup({ instances: 4 });
    world.after(40, async () => {
      await replaceRefresh(world, '3');
      world.controller.abort(cancelled);
    });
    const failure = await failureOf(world.rollOut(2, { onCancel: 'rollback' }));
    expect(failure.left).toMatch(/^instance refresh \S+ had ended already$/);
    await world.advance(300);
    expect(await world.versions()).toEqual({ 3: 4 });
  });

  it('while AWS does not take the start begins nothing any more', async () => {
    const world = await healthyGroup();
    world.fail(
      'start',
      () => {
        world.controller.abort(cancelled);
        return awsError('ServiceUnavailable', '', 503);
      },
      { times: 2 },
    );
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({ reason: 'cancelled', left: expect.stringContaining('had not begun') });
    expect(await world.api.refreshes(groupName)).toEqual([]);
  });

  it('in the moment in which the rollback is ordered leaves it to AWS as well', async () => {
    const world = await healthyGroup();
    world.fault({ templateVersion: 2, bootFailure: true });
    const order = () => {
      world.controller.abort(cancelled);
      return lostAnswer();
    };
    world.fail('rollBack', order, { done: true });
    const failure = await failureOf(world.rollOut(2));
    expect(failure.reason).not.toBe('rollback-failed');
    expect(failure.left).toMatch(/cancelled during the rollback: .* goes on to version 1 at AWS/);
    expect(world.count('start')).toBe(1);
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
    expect(failure.rollout?.instanceRefreshId).toMatch(/^[0-9a-f-]{36}$/);
    expect(world.renewals).toBeGreaterThan(5);
  });

  it.each([
    [
      'a right that is taken away',
      awsError('AccessDenied', 'no', 403),
      /may not look at the instance refresh/,
    ],
    ['a clock that is wrong', awsError('RequestTimeTooSkewed', 'too large', 403), /clock is not right/],
  ])('%s in the middle ends the watching, and the refresh is told of', async (_, error, message) => {
    const world = await healthyGroup();
    world.after(30, () => world.fail('refresh', () => error, { times: 999 }));
    expect(await failureOf(world.rollOut(2))).toMatchObject({
      reason: 'credentials',
      message: expect.stringMatching(message),
      left: 'the instance refresh goes on at AWS, unwatched; with auto-rollback it undoes itself when it fails there',
      rollout: { status: 'failed', instanceRefreshId: expect.stringMatching(/./) },
    });
  });

  it.each([
    [
      'ExpiredToken',
      'credentials',
      'the credentials ran out before the rollout could start an instance refresh',
    ],
    ['Throttling', 'internal', 'the instance refresh could not be started: AWS gave no usable answer'],
  ])('a start that is answered with %s again and again', async (name, ...expected) => {
    const world = await healthyGroup();
    world.fail('start', () => awsError(name), { times: 99 });
    const failure = await failureOf(world.rollOut(2));
    expect([failure.reason, failure.message]).toEqual(expected);
  });

  it('a hook that hangs on the way back as well is named', async () => {
    const world = await healthyGroup();
    await world.operation('PutLifecycleHook', {
      ...{ AutoScalingGroupName: groupName, LifecycleHookName: 'warm-cache', DefaultResult: 'ABANDON' },
      ...{ LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 300 },
    });
    world.after(30, async () => {
      const [old] = (await world.find(groupName))?.instances ?? [];
      world.simulated.simulation.kill(old?.id ?? '');
    });
    const failure = await failureOf(world.rollOut(2));
    expect(failure.reason).toBe('rollback-failed');
    expect(failure.evidence).toContainEqual({
      label: 'why the rollback failed',
      text: containing('nobody completed the lifecycle hook warm-cache in time'),
    });
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
