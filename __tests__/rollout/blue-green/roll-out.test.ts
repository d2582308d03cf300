import { describe, expect, it } from '@jest/globals';
import type { DeployError } from '../../../src/core/errors.ts';
import { LaunchFailure } from '../../../local-cloud/fleet/index.ts';
import type { Inputs } from '../../../src/inputs/table.ts';
import type { RolloutApi } from '../../../src/rollout/aws/api.ts';
import { failureOf, suspend } from '../helpers/acts.ts';
import {
  awsError,
  greenName,
  greenTargetGroupArn,
  groupName,
  lostAnswer,
  targetGroupArn,
  twoGroups,
  twoGroupWorld,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';
import { abortIn, rollOut, thereIs } from './helpers.ts';

/** Whole blue/green rollouts on a clock that moves only when the rollout sleeps. */

const good = { errors: 0, seconds: 0.05 };

async function worldWith(
  version2: Partial<typeof good> = {},
  rate = 100,
  instances = 3,
): Promise<SimulatedAws> {
  const world = await twoGroupWorld({ instances });
  world.demand = { rate, of: (version) => (version === 1 ? good : { ...good, ...version2 }) };
  return world;
}

/** Only blue is there, as before. */
const asBefore = { weights: [100, 0], blue: { sizes: [1, 3, 6], version: '1' } };
/** Only green is there, with the new version. */
const arrived = { weights: [0, 100], green: { sizes: [1, 3, 6], version: '2' }, blue: { sizes: [0, 0, 6] } };

describe('a blue/green rollout', () => {
  it.each([1, 3, 100])(
    'of %i instances gets through by its steps, and the old fleet goes',
    async (instances) => {
      const world = await worldWith({}, 100, instances);
      const result = await rollOut(world);
      expect(result).toMatchObject({
        ...{ status: 'successful', templateVersion: 2, previousTemplateVersion: 1 },
        instanceRefreshId: undefined,
      });
      expect(await world.versions()).toEqual({ 2: instances });
      expect(result.instancesAfter).toHaveLength(instances);
      expect(result.traffic?.shifts.map(({ weight }) => weight)).toEqual([10, 50, 100]);
      expect(result.traffic?.judgements).toMatchObject([
        { weight: 10, verdict: 'good' },
        { weight: 50, verdict: 'good' },
      ]);
      expect(await thereIs(world)).toMatchObject({
        weights: [0, 100],
        blue: { sizes: [0, 0, expect.anything()] },
      });
    },
  );

  it('shows both fleets in its course: the new one comes up beside the old one, which goes at the end', async () => {
    const { course } = await rollOut(await worldWith());
    const [old, next] = course?.series ?? [];
    expect([old?.name, next?.name]).toEqual(['version 1', 'version 2']);
    const values = (points: [number, number][] = []) => points.map(([, value]) => value);
    expect(values(old?.points)[0]).toBe(3);
    expect(values(old?.points).at(-1)).toBe(0);
    expect(values(next?.points)[0]).toBe(0);
    expect(values(next?.points).at(-1)).toBe(3);
    expect(Math.max(...values(course?.total?.points))).toBe(6);
    expect(course?.fewest).toMatchObject({ serving: 3, desired: 3 });
    const kinds = (course?.spans ?? []).map(({ row, kind }) => (row.startsWith('i-') ? kind : row));
    expect(kinds.filter((kind) => kind === 'before')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'working')).toHaveLength(3);
    expect(kinds).not.toContain('bad');
    const stages = (course?.spans ?? []).filter(({ kind }) => kind === 'stage').map(({ name }) => name);
    expect(stages.slice(0, 2)).toEqual(['launching', 'shifting requests']);
  });

  it('comes back to blue with the next version', async () => {
    const world = await worldWith();
    await rollOut(world);
    await rollOut(world, 3);
    expect(await world.versions()).toEqual({ 3: 3 });
    expect(await thereIs(world)).toMatchObject({ weights: [100, 0], green: { sizes: [0, 0, 6] } });
  });

  it('has nothing to do where the version has all requests', async () => {
    const world = await worldWith();
    await rollOut(world);
    const result = await rollOut(world);
    expect(result.status).toBe('unchanged');
    expect(world.count('setForwardWeights')).toBe(3);
    // Terraform never moves sizes: what the root says by now is seen to here.
    const capacity = { min: 2, max: 9 };
    const none = { minHealthyPercentage: undefined, maxHealthyPercentage: undefined };
    await world.rollOut(
      2,
      { keepPrevious: false, ...none },
      { outputs: { blueGreen: { ...twoGroups, capacity } } },
    );
    expect(await thereIs(world)).toMatchObject({ green: { sizes: [2, 3, 9] } });
  });

  it('says how to replace an instance that has it and does not serve, where nothing does', async () => {
    const world = await worldWith();
    await suspend(world, 'ReplaceUnhealthy');
    const [first] = (await world.api.group(groupName))?.instances ?? [];
    await world.operation('SetInstanceHealth', { InstanceId: first?.id, HealthStatus: 'Unhealthy' });
    const failure = await failureOf(rollOut(world, 1));
    expect(failure).toMatchObject({
      reason: 'targets-unhealthy',
      message: `${first?.id} of version 1 does not serve and nothing replaces it`,
      left: expect.stringContaining('nothing was touched') as unknown,
      next: expect.stringContaining(
        `aws autoscaling terminate-instance-in-auto-scaling-group --no-should-decrement-desired-capacity --instance-id ${first?.id}`,
      ) as unknown,
    });
    expect(failure.rollout?.instancesAfter).toContain(first?.id);
    expect((await thereIs(world)).weights).toEqual([100, 0]);
  });

  it('saves the version for a service that is scaled to nothing', async () => {
    const world = await worldWith();
    await world.operation('UpdateAutoScalingGroup', {
      ...{ AutoScalingGroupName: groupName, MinSize: 0, DesiredCapacity: 0 },
    });
    await world.advance(60);
    expect(await rollOut(world)).toMatchObject({ status: 'no-instances' });
    expect(await thereIs(world)).toMatchObject({
      weights: [100, 0],
      blue: { version: '2' },
      green: { sizes: [0, 0, 6] },
    });
  });

  it('keeps what serves at its size while it is watched', async () => {
    const world = await worldWith();
    let pinned: unknown;
    world.after(200, async () => (pinned = await thereIs(world)));
    await rollOut(world);
    expect(pinned).toMatchObject({ blue: { sizes: [3, 3, 6] }, green: { sizes: [3, 3, 6] } });
  });

  it.each<[string, Partial<Inputs>, boolean]>([
    ['its steps do not fit', { stepTime: 300, timeout: 500 }, true],
    ['its bake time does not fit', { bakeTime: 300, timeout: 500 }, true],
    ['it pauses before', { stepTime: 300, timeout: 500, pauseAt: 10 }, false],
    ['it fits', { timeout: 3600 }, false],
  ])('warns before it starts of a timeout that it would not keep: %s', async (_, inputs, warned) => {
    const world = await worldWith();
    let early: string[] = [];
    world.after(2, () => (early = [...world.warnings]));
    await rollOut(world, 2, inputs).catch(() => undefined);
    const said = expect.stringMatching(
      /^the forecast of .* is longer than the .* that timeout \(500 s\) leaves/,
    );
    if (warned) expect(early).toContainEqual(said);
    else expect(world.warnings).not.toContainEqual(said);
  });

  it('launches as many as there are when the old side has grown meanwhile', async () => {
    const world = await worldWith();
    world.after(150, () =>
      world.operation('UpdateAutoScalingGroup', { AutoScalingGroupName: groupName, DesiredCapacity: 5 }),
    );
    await rollOut(world);
    expect(await world.versions()).toEqual({ 2: 5 });
  });
});

describe('a version that is not good', () => {
  it.each<[string, Partial<typeof good>, RegExp]>([
    ['fails 3 % of the requests', { errors: 0.03 }, /3(\.\d)? % of [\d,]+ requests failed, against 0 %/],
    ['is slow', { seconds: 0.4 }, /400 ms/],
  ])('that %s is taken back at the first step', async (_, change, said) => {
    const world = await worldWith(change);
    const failure = await failureOf(rollOut(world));
    expect(failure).toMatchObject({
      reason: 'judged-worse',
      left: 'rolled back: all 3 instances run version 1 again; shop-prod has 100 % of the requests, and shop-prod-green is empty',
    });
    expect(failure.evidence[0]).toMatchObject({
      label: 'judged at 10 %',
      text: expect.stringMatching(said) as unknown,
    });
    expect(failure.rollout).toMatchObject({
      ...{ status: 'rolled-back', traffic: { shifts: [{ weight: 10 }, { weight: 0 }] } },
      course: { fewest: { serving: 3, desired: 3 } },
    });
    expect(failure.rollout?.course?.spans).toContainEqual(
      expect.objectContaining({ row: 'rollout', name: 'going back' }),
    );
    expect(failure.rollout?.traffic?.secondsToUndo).toBeLessThan(5);
    expect(await world.versions()).toEqual({ 1: 3 });
    expect(await thereIs(world)).toMatchObject({ ...asBefore, green: { sizes: [0, 0, 6] } });
  });

  it.each([
    [
      'You have requested more vCPU capacity than your current vCPU limit of 16 allows for the instance bucket that the specified instance type belongs to.',
      'L-1216C47A',
    ],
    ['VcpuLimitExceeded', 'L-1216C47A'],
    ['Max spot instance count exceeded.', 'L-34B43A08'],
  ])('that has no room beside the old one is told so within a minute: %s', async (said, quota) => {
    const world = await worldWith({}, 100, 5);
    const { driver } = world.simulated.simulation;
    const launch = driver.launch.bind(driver);
    let room = 3;
    driver.launch = (request) => {
      room -= 1;
      return room < 0
        ? Promise.reject(new LaunchFailure(`${said} Launching EC2 instance failed.`))
        : launch(request);
    };
    const begun = world.elapsed;
    const failure = await failureOf(rollOut(world));
    expect(failure.reason).toBe('launch-failed');
    expect(failure.message).toContain('does not hold both fleets, the one that serves and the new one');
    expect(failure.left).toBe(
      `rolled back: all 5 instances run version 1 again; ${groupName} has 100 % of the requests, and ${greenName} is empty`,
    );
    expect(failure.next).toContain(quota);
    expect(failure.next).toMatch(/--desired-value <vCPUs>.*rollout = \{ strategy = "rolling" \}/);
    expect(world.count('setForwardWeights')).toBe(0);
    expect(world.elapsed - begun).toBeLessThan(120);
    expect(await thereIs(world)).toMatchObject({ weights: [100, 0], green: { sizes: [0, 0, 6] } });
  });

  it('that never comes up gets no request', async () => {
    const world = await worldWith();
    world.fault({ templateVersion: 2, neverHealthy: true });
    const failure = await failureOf(rollOut(world));
    expect(failure.reason).toBe('targets-unhealthy');
    expect(world.count('setForwardWeights')).toBe(0);
    expect(await thereIs(world)).toMatchObject({ ...asBefore, green: { sizes: [0, 0, 6] } });
  });

  it('that answers the preview badly gets no request, and the preview is closed again', async () => {
    const world = await worldWith();
    const keys: (string | null)[] = [];
    const ask = ((_: unknown, { headers }: RequestInit) => {
      const key = new Headers(headers).get('x-preview-key');
      if (key !== null && key === world.preview?.value) keys.push(key);
      return Promise.resolve(new Response('', { status: key === null ? 200 : 500 }));
    }) as typeof fetch;
    const smokeTest = {
      path: '/',
      statuses: [[200, 299]],
      body: undefined,
      attempts: 1,
    } as Inputs['smokeTest'];
    const failure = await failureOf(rollOut(world, 2, { smokeTest }, ask));
    expect(failure.reason).toBe('smoke-test');
    expect(keys[0]).toMatch(/^[0-9a-f]{48}$/);
    expect(world.preview).toBeUndefined();
    expect(world.count('setForwardWeights')).toBe(0);
    expect([...world.lines, ...world.warnings].join()).not.toContain(keys[0]);
    expect(await thereIs(world)).toMatchObject(asBefore);
  });

  it('that sets off an alarm is taken back at once', async () => {
    const world = await worldWith();
    world.alarms.set('errors', 'OK');
    world.after(160, () => world.alarms.set('errors', 'ALARM'));
    const failure = await failureOf(rollOut(world, 2, { alarms: ['errors'] }));
    expect(failure.reason).toBe('alarm');
    expect(await thereIs(world)).toMatchObject(asBefore);
  });

  it('stays where it is without auto-rollback', async () => {
    const world = await worldWith({ errors: 0.03 });
    const failure = await failureOf(rollOut(world, 2, { autoRollback: false }));
    expect(failure.left).toMatch(
      /^the weights stay as they are \(auto-rollback is false\): 3 of 6 instances run/,
    );
    expect(await thereIs(world)).toMatchObject({ weights: [90, 10] });
  });

  it('never gets its requests back to a side of which nothing serves', async () => {
    const world = await worldWith({ errors: 0.03 });
    world.after(120, () => {
      world.fault({ templateVersion: 1, neverHealthy: true });
      for (const each of world.simulated.simulation.targetGroups.health(targetGroupArn))
        world.simulated.simulation.kill(each.instanceId);
    });
    const failure = await failureOf(rollOut(world));
    expect(failure.reason).toBe('rollback-failed');
    expect(failure.evidence).toContainEqual({
      label: 'why the rollback failed',
      text: `no instance of ${groupName} is healthy: the requests stay where they are`,
    });
    expect((await thereIs(world)).weights).not.toEqual([100, 0]);
  });
});

describe('too few requests to tell', () => {
  const few = (onInconclusive: 'wait' | 'proceed' | 'roll-back') =>
    [{}, 1, { onInconclusive, trafficSteps: [10, 100] }] as const;

  it('are gone on with where on-inconclusive says so', async () => {
    const [change, rate, inputs] = few('proceed');
    const world = await worldWith(change, rate);
    const result = await rollOut(world, 2, { ...inputs, trafficSteps: [...inputs.trafficSteps] });
    expect(result.traffic?.judgements).toMatchObject([{ weight: 10, verdict: 'inconclusive' }]);
    expect(await thereIs(world)).toMatchObject(arrived);
  });

  it('take the version back where on-inconclusive says so', async () => {
    const [change, rate, inputs] = few('roll-back');
    const world = await worldWith(change, rate);
    const failure = await failureOf(rollOut(world, 2, { ...inputs, trafficSteps: [10, 100] }));
    expect(failure.reason).toBe('inconclusive');
    expect(await thereIs(world)).toMatchObject(asBefore);
  });

  it('are waited for where on-inconclusive says so', async () => {
    const [change, rate, inputs] = few('wait');
    const world = await worldWith(change, rate);
    world.after(900, () => (world.demand.rate = 200));
    const result = await rollOut(world, 2, { ...inputs, trafficSteps: [10, 100] });
    expect(result.traffic?.judgements).toMatchObject([{ weight: 10, verdict: 'good' }]);
    expect(world.lines.filter((line) => line.includes('waiting for more'))).not.toEqual([]);
    expect(world.elapsed).toBeGreaterThan(900);
  });

  it('or none at all hold nobody up who does not ask for it', async () => {
    const world = await worldWith({}, 0);
    await rollOut(world, 2, { onInconclusive: 'proceed' });
    expect(await thereIs(world)).toMatchObject(arrived);
  });
});

describe('a rollout that pauses', () => {
  it('ends with what was seen, and is gone on with by promote', async () => {
    const world = await worldWith();
    const paused = await rollOut(world, 2, { pauseAt: 10 });
    expect(paused).toMatchObject({
      status: 'paused',
      traffic: { judgements: [{ weight: 10, verdict: 'good' }] },
    });
    expect(await thereIs(world)).toMatchObject({ weights: [90, 10] });
    // Whoever deploys it again waits at the same place.
    expect(await rollOut(world, 2, { pauseAt: 10 })).toMatchObject({ status: 'paused' });
    const result = await rollOut(world, 2, { pauseAt: 10, command: 'promote' });
    expect(result).toMatchObject({ status: 'successful', previousTemplateVersion: 1 });
    expect(await thereIs(world)).toMatchObject(arrived);
  });

  it('is taken back by abort', async () => {
    const world = await worldWith();
    await rollOut(world, 2, { pauseAt: 10 });
    const aborted = await abortIn(world);
    expect(aborted?.left).toBe('all 3 instances run version 1 again');
    expect(await thereIs(world)).toMatchObject({ ...asBefore, green: { sizes: [0, 0, 6] } });
    expect(await abortIn(world)).toBeUndefined();
  });

  it('is not passed by another version', async () => {
    const world = await worldWith();
    await rollOut(world, 2, { pauseAt: 10 });
    const failure = await failureOf(rollOut(world, 3, { onActiveRefresh: 'fail' }));
    expect(failure).toMatchObject({
      reason: 'refresh-active',
      message: expect.stringContaining('version 2 is under way') as unknown,
    });
    const waited = await failureOf(rollOut(world, 3));
    expect(waited.evidence[0]?.text).toMatch(/nothing has moved for 6 min/);
    await rollOut(world, 3, { onActiveRefresh: 'replace' });
    expect(await world.versions()).toEqual({ 3: 3 });
  });
});

describe('the way back after the end', () => {
  it('is one change of the weights while the old fleet is kept', async () => {
    const world = await worldWith();
    await rollOut(world, 2, { keepPrevious: true });
    expect(await thereIs(world)).toMatchObject({ weights: [0, 100], blue: { sizes: [3, 3, 3] } });
    const launches = world.count('setSizes');
    await rollOut(world, 1, { command: 'rollback' });
    expect(await thereIs(world)).toMatchObject({ ...asBefore, green: { sizes: [0, 0, 6] } });
    expect(world.count('setSizes') - launches).toBeLessThanOrEqual(3);
    expect(world.lines.some((line) => line.includes('launching'))).toBe(true);
  });

  it('is the same course without steps when it is gone', async () => {
    const world = await worldWith();
    await rollOut(world);
    const result = await rollOut(world, 1, { command: 'rollback' });
    expect(result.traffic?.shifts).toMatchObject([{ weight: 100 }]);
    expect(await world.versions()).toEqual({ 1: 3 });
    expect((await thereIs(world)).weights).toEqual([100, 0]);
  });

  it('is not taken by a deployment that was overtaken', async () => {
    const world = await worldWith();
    await rollOut(world, 3);
    expect((await failureOf(rollOut(world, 2))).reason).toBe('superseded');
    expect(await world.versions()).toEqual({ 3: 3 });
  });
});

describe('answers that are lost, and refusals', () => {
  it.each<keyof RolloutApi>(['setForwardWeights', 'setSizes', 'forwardRule', 'traffic', 'group'])(
    'the next look says what became of %s',
    async (name) => {
      const world = await worldWith();
      world.fail(name, lostAnswer, { times: 2, done: true });
      await rollOut(world);
      expect(await thereIs(world)).toMatchObject(arrived);
    },
  );

  it('a change that AWS refuses for good ends it, and takes it back', async () => {
    const world = await worldWith();
    world.fail('setForwardWeights', () => awsError('TooManyTargetGroups', 'said AWS'));
    const failure = await failureOf(rollOut(world));
    expect(failure).toMatchObject({ reason: 'preflight', message: 'AWS refused to change the weights' });
    expect(await thereIs(world)).toMatchObject(asBefore);
  });

  it('a role that may not says so', async () => {
    const world = await worldWith();
    world.fail('setSizes', () => awsError('AccessDenied', 'no', 403));
    expect(await failureOf(rollOut(world))).toMatchObject({ reason: 'credentials' });
  });
});

describe('a job that is cancelled', () => {
  /** Seconds after which a rollout is in each of its states. */
  it.each<[string, number]>([
    ['launching', 40],
    ['shifting', 150],
    ['shifting further', 320],
    ['baking', 500],
  ])('while %s gives the requests back', async (_, seconds) => {
    const world = await worldWith();
    world.after(seconds, () => world.controller.abort());
    const failure: DeployError = await failureOf(rollOut(world, 2, { bakeTime: 600 }));
    expect(failure).toMatchObject({ reason: 'cancelled', rollout: { status: 'cancelled' } });
    expect((await thereIs(world)).weights).toEqual([100, 0]);
  });

  it.each<[string, number]>([
    ['launching', 40],
    ['shifting', 150],
    ['shifting further', 320],
    ['baking', 500],
  ])(
    'and left while %s is gone on with by the same deployment, or taken back by abort',
    async (_, seconds) => {
      for (const next of ['deploy', 'abort'] as const) {
        const world = await worldWith();
        world.after(seconds, () => world.controller.abort());
        // A runner that is lost leaves the same: nothing is done any more.
        await failureOf(rollOut(world, 2, { onCancel: 'leave', bakeTime: 600 }));
        const again = Object.assign(world, { controller: new AbortController() });
        if (next === 'deploy') await rollOut(again, 2);
        else await abortIn(again);
        expect(await thereIs(world)).toMatchObject(next === 'deploy' ? arrived : asBefore);
        expect(await world.versions()).toEqual(next === 'deploy' ? { 2: 3 } : { 1: 3 });
      }
    },
  );
});

describe('a bake time that another run began', () => {
  const compared = /there is nothing to compare their errors with/;
  const commands = ['deploy', 'promote'] as const;

  it.each(commands)('is said by %s to be guarded by alarms and health alone', async (command) => {
    const world = await worldWith();
    world.after(500, () => world.controller.abort());
    await failureOf(rollOut(world, 2, { onCancel: 'leave', bakeTime: 600 }));
    expect(world.lines.join('\n')).not.toMatch(compared);
    const again = Object.assign(world, { controller: new AbortController() });
    await rollOut(again, 2, { command, bakeTime: 120 });
    expect(
      world.lines.filter((line) => line.includes('there is nothing to compare their errors with')),
    ).toHaveLength(1);
    expect(await thereIs(world)).toMatchObject(arrived);
  });
});

describe('what is found is refused', () => {
  it('requests that go to nothing', async () => {
    const world = await worldWith();
    world.rule.weights = { [targetGroupArn]: 0, [greenTargetGroupArn]: 100 };
    const failure = await failureOf(rollOut(world));
    expect(failure).toMatchObject({
      ...{ reason: 'preflight', message: `${greenName} has 100 % of the requests and no instance` },
      next: expect.stringContaining('command abort') as unknown,
    });
    expect((await abortIn(world))?.found).toContain('no instance');
    expect((await thereIs(world)).weights).toEqual([100, 0]);
  });

  it('requests that neither group gets, which abort gives to the one that serves', async () => {
    const world = await worldWith();
    world.rule.weights = { [targetGroupArn]: 0, [greenTargetGroupArn]: 0 };
    const failure = await failureOf(rollOut(world));
    expect(failure).toMatchObject({
      ...{ reason: 'preflight', message: expect.stringContaining('every request is refused') as unknown },
      next: expect.stringContaining('command abort') as unknown,
    });
    expect((await abortIn(world))?.found).toContain('every request is refused');
    expect((await thereIs(world)).weights).toEqual([100, 0]);
    expect((await rollOut(world)).status).toBe('successful');
  });

  it('clients that are kept where they are', async () => {
    const world = await worldWith();
    world.rule.sticky = true;
    const failure = await failureOf(rollOut(world));
    expect(failure.message).toMatch(/keeps clients with their target group/);
    expect(world.count('setSizes')).toBe(0);
  });

  it('a schedule that would shrink what is pinned', async () => {
    const world = await worldWith();
    const startTime = new Date(Date.now() + 600_000);
    world.scheduled = [{ name: 'night', startTime, minSize: undefined, maxSize: undefined, desired: 1 }];
    expect((await failureOf(rollOut(world))).message).toMatch(
      /the scheduled action night of \S+ would shrink it to 1/,
    );
  });

  it('a strategy that the root is not made for', async () => {
    const world = await worldWith();
    const failure = await failureOf(rollOut(world, 2, { strategy: 'rolling' }));
    expect(failure).toMatchObject({
      reason: 'input-invalid',
      next: expect.stringContaining('rollout = {') as unknown,
    });
  });
});
