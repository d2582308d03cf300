import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/failure.ts';
import type { FleetFault } from '../../local-cloud/fleet/simulation/faults.ts';
import type { Inputs } from '../../src/inputs.ts';
import {
  awsError,
  groupName,
  healthyGroup,
  lostAnswer,
  newGroup,
  type SimulatedAws,
  type WorldOptions,
} from './simulated-aws.ts';

async function failureOf(rollout: Promise<unknown>): Promise<DeployError> {
  const outcome = await rollout.then(
    (result) => result,
    (error: unknown) => error,
  );
  if (outcome instanceof DeployError) return outcome;
  throw outcome instanceof Error ? outcome : new Error(`it did not fail: ${JSON.stringify(outcome)}`);
}

/** Ten instances, two at a time, and no time for more than the first ones. */
const halfway: Partial<Inputs> = { timeout: 60, minHealthyPercentage: 90, maxHealthyPercentage: 110 };
const cancelled = new DeployError({ reason: 'cancelled', message: 'the job was cancelled' });
const containing = (text: string): unknown => expect.stringContaining(text);
const suspend = (world: SimulatedAws, ...processes: string[]) =>
  world.operation('SuspendProcesses', { AutoScalingGroupName: groupName, ScalingProcesses: processes });
const otherRefresh = (world: SimulatedAws, version: string) =>
  world.operation('StartInstanceRefresh', {
    AutoScalingGroupName: groupName,
    DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: 'lt-0123456789abcdef0', Version: version } },
    Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
  });

describe('a rollout that goes well', () => {
  it.each([1, 2, 3, 10, 100])('replaces %i instances', async (instances) => {
    const world = await healthyGroup({ instances });
    const result = await world.rollOut(2);
    expect(result).toMatchObject({ status: 'successful', templateVersion: 2, previousTemplateVersion: 1 });
    expect(result.instancesBefore).toHaveLength(instances);
    expect(result.instancesAfter).toHaveLength(instances);
    expect(result.instancesAfter).not.toContain(result.instancesBefore[0]);
    expect(Math.abs(result.seconds - (result.forecast?.seconds ?? 0))).toBeLessThan(30);
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
    ['skip matching', { instances: 2 }, { skipMatching: true }],
    ['no target group', { instances: 2, withTargetGroup: false, healthCheckType: 'EC2' }, {}],
  ])('with %s', async (_, options, inputs) => {
    const world = await healthyGroup(options);
    const result = await world.rollOut(2, inputs);
    expect(result.status).toBe('successful');
    expect(await world.versions()).toEqual({ 2: options.instances });
    // The forecast follows the very rule of the refresh.
    expect(Math.abs(result.seconds - (result.forecast?.seconds ?? 0))).toBeLessThanOrEqual(
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
    expect(result.survivors).toHaveLength(2);
    expect(await world.versions()).toEqual({ 1: 2, 2: 2 });
    expect(world.warnings.at(-1)).toContain('partly replaced, as the last checkpoint says: 2 of 4');
    const rest = await world.rollOut(2, { skipMatching: true });
    expect(rest).toMatchObject({ status: 'successful' });
    expect(rest.survivors).toBeUndefined();
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
    expect((await world.rollOut(2)).status).toBe('successful');
    expect(world.warnings.join()).toContain('desired capacity of the group is 0');
  });
});

describe('a version that is bad', () => {
  const image = "The image id 'ami-4edb0327' does not exist.";
  it.each<[string, WorldOptions, Parameters<SimulatedAws['fault']>[0], string, RegExp, number]>([
    [
      'crashes on start',
      { instances: 6 },
      { bootFailure: true },
      'boot-failed',
      /does not stay up on 6 of 6 new instances/,
      60,
    ],
    [
      'crashes on start, one instance',
      { instances: 1 },
      { bootFailure: 'config' },
      'boot-failed',
      /configuration can't be read by 2 of 2/,
      120,
    ],
    [
      'is never healthy',
      { instances: 4 },
      { neverHealthy: true },
      'targets-unhealthy',
      /Auto Scaling replaced 4 of 4/,
      180,
    ],
    [
      'is never healthy, one instance',
      { instances: 1 },
      { neverHealthy: 'Target.Timeout' },
      'targets-unhealthy',
      /2 of 2/,
      400,
    ],
    [
      'has an image that is gone',
      { instances: 2 },
      { noCapacity: image },
      'launch-failed',
      /AMI\) of the launch template does not exist/,
      60,
    ],
    ['finds no capacity', { instances: 2 }, { noCapacity: true }, 'launch-failed', /no capacity/, 420],
    [
      'stops after a while',
      { instances: 2, warmup: 120 },
      { diesAfterSeconds: 60 },
      'boot-failed',
      /stopped running/,
      240,
    ],
  ])('%s: condemned within minutes, rolled back', async (_, options, fault, ...expected) => {
    const [reason, sentence, within] = expected;
    const world = await healthyGroup(options);
    world.fault({ templateVersion: 2, ...fault });
    const failure = await failureOf(world.rollOut(2));
    expect(failure.reason).toBe(reason);
    expect(failure.message).toMatch(sentence);
    expect(failure.left).toMatch(
      /^rolled back: (all \d+ instances run|both instances run|the only instance runs) version 1 again$/,
    );
    expect(failure.evidence.find(({ label }) => label === 'decided')?.text).toMatch(
      /AWS itself would have tried for another/,
    );
    expect(failure.rollout).toMatchObject({
      status: 'rolled-back',
      templateVersion: 2,
      previousTemplateVersion: 1,
    });
    expect(failure.rollout?.seconds).toBeLessThan(within);
    expect(await world.versions()).toEqual({ 1: options.instances });
    expect((await world.api.group(groupName))?.template?.version).toBe('1');
  });

  it('is cancelled and left where it is when auto-rollback is off', async () => {
    const world = await healthyGroup({ instances: 2 });
    world.fault({ templateVersion: 2, neverHealthy: true });
    const failure = await failureOf(world.rollOut(2, { autoRollback: false }));
    expect(failure.left).toMatch(
      /cancelled and not rolled back \(auto-rollback is false\): .*instances run version/,
    );
    expect([world.count('cancel'), world.count('rollBack')]).toEqual([1, 0]);
  });

  it('is undone after AWS called it successful, when its targets do not answer', async () => {
    const world = await healthyGroup({ instances: 2 });
    await suspend(world, 'HealthCheck');
    world.fault({ templateVersion: 2, neverHealthy: true, secondsToHealthy: 0 });
    const failure = await failureOf(world.rollOut(2, { patience: 3000 }));
    expect(failure.reason).toBe('targets-unhealthy');
    expect(failure.left).toMatch(/^rolled back/);
    expect(await world.versions()).toEqual({ 1: 2 });
  });

  it('shouts when the rollback fails as well', async () => {
    const world = await healthyGroup({ instances: 10 });
    world.fail('rollBack', () => awsError('IrreversibleInstanceRefreshFault', 'it can not be rolled back'));
    world.after(30, () => world.fail('start', () => awsError('ValidationError', 'the template is gone')));
    const failure = await failureOf(world.rollOut(2, halfway));
    expect(failure.reason).toBe('rollback-failed');
    expect(failure.message).toMatch(/^THE ROLLBACK FAILED.*took longer than its timeout/);
    expect(failure.evidence.at(-1)?.text).toContain('the template is gone');
    expect(failure.left).toMatch(/not rolled back: .*instances run version 1.*instances run version 2/);
  });

  it('is not called undone before the old version was seen to be back', async () => {
    const world = await healthyGroup();
    world.fault({ templateVersion: 2, bootFailure: true });
    const group: typeof world.api.group = async (name) => {
      const seen = await world.api.group(name);
      return seen && world.count('rollBack') > 0 ? { ...seen, instances: seen.instances.slice(1) } : seen;
    };
    const failure = await failureOf(world.rollOut(2, {}, { api: { ...world.api, group } }));
    expect(failure.message).toMatch(/^THE ROLLBACK FAILED/);
    expect(failure.evidence.at(-1)?.text).toBe('AWS calls it done, and 1 of 2 instances are in service');
    expect(failure.left).toMatch(/^not rolled back/);
  });

  it.each<[string, FleetFault, string, { label: string; text: string }]>([
    [
      'its launches fail',
      { noCapacity: "The image id 'ami-1' does not exist." },
      "instances of version 1 can't be launched: the machine image (AMI) of the launch template does not exist (2 tries)",
      { label: 'what AWS said', text: "The image id 'ami-1' does not exist." },
    ],
    [
      'it does not boot any more',
      { bootFailure: 'pull' },
      "version 1 does not start: the image can't be pulled by",
      { label: 'what the boot said', text: 'step pull' },
    ],
  ])('shouts at once when the old version can not come back: %s', async (_, fault, why, shown) => {
    const world = await healthyGroup({ instances: 2 });
    world.fault({ templateVersion: 2, bootFailure: true });
    world.fault({ templateVersion: 1, ...fault });
    const failure = await failureOf(
      world.rollOut(2, { minHealthyPercentage: 50, maxHealthyPercentage: undefined }),
    );
    expect(failure.reason).toBe('rollback-failed');
    expect(failure.message).toMatch(/^THE ROLLBACK FAILED.*: the new version does not start/);
    const at = failure.evidence.findIndex(({ label }) => label === 'why the rollback failed');
    expect(failure.evidence.slice(at, at + 2)).toMatchObject([
      { label: 'why the rollback failed', text: containing(why) },
      { label: shown.label, text: containing(shown.text) },
    ]);
    expect(failure.left).toMatch(
      /^not rolled back: (?:no instance|1 of 2 instances) of version 1 serves?; instance refresh .* goes on trying at AWS/,
    );
    expect(failure.next).toMatch(/^look at the group now: what version 1 needs: .* Then: /);
    expect(world.elapsed).toBeLessThan(1200);
  });

  it('says what AWS said of a rollback that it gave up itself', async () => {
    const world = await healthyGroup({ instances: 2 });
    world.fault({ templateVersion: 2, bootFailure: true });
    world.fault({ templateVersion: 1, noCapacity: 'We currently do not have sufficient t3.micro capacity.' });
    const failure = await failureOf(
      world.rollOut(2, { minHealthyPercentage: 50, maxHealthyPercentage: undefined, patience: 9000 }),
    );
    expect(failure.message).toMatch(/^THE ROLLBACK FAILED.*: the new version does not start/);
    expect(failure.evidence.at(-1)).toMatchObject({
      label: 'why the rollback failed',
      text: containing('The last launch failed: We currently do not have sufficient t3.micro capacity.'),
    });
  });

  it('goes back with a new refresh when AWS can not turn this one round', async () => {
    const world = await healthyGroup({ instances: 10 });
    world.fail('rollBack', () => awsError('IrreversibleInstanceRefreshFault'));
    const failure = await failureOf(world.rollOut(2, halfway));
    expect(failure).toMatchObject({
      reason: 'timeout',
      left: 'rolled back: all 10 instances run version 1 again',
    });
    expect(world.count('start')).toBe(2);
  });
});

describe('what happens around it', () => {
  it.each([
    [true, 'rolled-back', /rolled back: all 4/],
    [false, 'failed', /run version/],
  ])('an alarm ends it (auto-rollback %s)', async (autoRollback, status, left) => {
    const world = await healthyGroup({ instances: 4 });
    world.alarms.set('errors', 'OK');
    world.after(30, () => world.alarms.set('errors', 'ALARM'));
    const failure = await failureOf(world.rollOut(2, { alarms: ['errors'], autoRollback }));
    expect(failure).toMatchObject({
      reason: 'alarm',
      message: 'the new version set off the alarm errors',
      rollout: { status },
    });
    expect(failure.left).toMatch(left);
  });

  it('the alarms of the Terraform root guard it, those without data do not stop it', async () => {
    const world = await healthyGroup();
    world.alarms.set('errors', 'OK').set('young', 'INSUFFICIENT_DATA');
    world.after(30, () => world.alarms.set('errors', 'ALARM'));
    const failure = await failureOf(world.rollOut(2, {}, { outputs: { alarmNames: ['errors', 'young'] } }));
    expect(failure.message).toBe('the new version set off the alarm errors');
    expect(failure.evidence.map(({ label }) => label)).toContain('errors');
    expect(world.warnings.join()).toContain('young of the Terraform root has no data yet');
  });

  it('preflight refuses before anything is touched, with every reason', async () => {
    const world = await healthyGroup();
    await suspend(world, 'Launch', 'Terminate');
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({
      reason: 'preflight',
      next: 'do what stands under each; then run this job again',
    });
    expect(failure.message).toContain('2 things on the group stand against a rollout');
    expect(failure.evidence.map(({ text }) => text).join()).toContain('resume-processes');
    expect([world.count('start'), await world.versions()]).toEqual([0, { 1: 2 }]);
  });

  it('a group that is not there', async () => {
    const world = await healthyGroup();
    const failure = await failureOf(world.rollOut(2, {}, { outputs: { autoscalingGroupName: 'shop-dev' } }));
    expect(failure).toMatchObject({
      reason: 'group-missing',
      message: containing('shop-dev in eu-north-1'),
    });
  });

  it('somebody who rolls the refresh back', async () => {
    const world = await healthyGroup({ warmup: 300 });
    world.after(60, () => world.api.rollBack(groupName));
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({
      reason: 'cancelled',
      message: 'the instance refresh was rolled back, and not by this run',
      left: 'rolled back: both instances run version 1 again',
    });
  });

  it('a group that somebody deletes meanwhile', async () => {
    const world = await healthyGroup();
    world.after(20, () =>
      world.operation('DeleteAutoScalingGroup', { AutoScalingGroupName: groupName, ForceDelete: true }),
    );
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({
      reason: 'group-missing',
      message: 'the group shop-prod was deleted while it was rolled out to',
    });
    expect(failure.rollout?.seconds).toBeLessThan(120);
    expect(world.count('rollBack')).toBe(0);
  });

  it('a hook that nobody completes', async () => {
    const world = await healthyGroup();
    await world.operation('PutLifecycleHook', {
      AutoScalingGroupName: groupName,
      LifecycleHookName: 'warm',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      HeartbeatTimeout: 120,
    });
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({
      reason: 'lifecycle-hook',
      message: 'nobody completed the lifecycle hook warm in time (120 s)',
    });
    expect(await world.versions()).toEqual({ 1: 2 });
  });

  it('a process that is suspended meanwhile', async () => {
    const world = await healthyGroup();
    world.after(20, () => suspend(world, 'InstanceRefresh'));
    world.after(1500, () =>
      world.operation('ResumeProcesses', {
        AutoScalingGroupName: groupName,
        ScalingProcesses: ['InstanceRefresh'],
      }),
    );
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({
      reason: 'rollout-stalled',
      message: containing('InstanceRefresh suspended'),
    });
    expect(failure.rollout?.seconds).toBeLessThan(2400);
  });

  it('an instance that is protected meanwhile survives, and the run says so', async () => {
    const world = await healthyGroup({ instances: 3 });
    const old = (await world.api.group(groupName))?.instances[2]?.id ?? '';
    world.after(1, () =>
      world.operation('SetInstanceProtection', {
        AutoScalingGroupName: groupName,
        InstanceIds: [old],
        ProtectedFromScaleIn: true,
      }),
    );
    const failure = await failureOf(world.rollOut(2, { maxHealthyPercentage: 110 }));
    expect(failure.reason).toBe('survivors');
    expect(failure.evidence[0]?.text).toBe(`${old} (1 protected from scale-in)`);
  });

  it('its time runs out', async () => {
    const world = await healthyGroup({ instances: 10 });
    const failure = await failureOf(
      world.rollOut(2, { timeout: 60, minHealthyPercentage: 90, maxHealthyPercentage: 110 }),
    );
    expect(failure.message).toBe('the rollout took longer than its timeout of 1 min, at 20 %');
    expect(failure).toMatchObject({
      reason: 'timeout',
      left: 'rolled back: all 10 instances run version 1 again',
    });
  });

  it('somebody cancels the refresh', async () => {
    const world = await healthyGroup({ instances: 4 });
    world.after(40, () => world.operation('CancelInstanceRefresh', { AutoScalingGroupName: groupName }));
    const failure = await failureOf(world.rollOut(2));
    expect(failure).toMatchObject({
      reason: 'cancelled',
      message: 'somebody else cancelled the instance refresh',
    });
    expect(failure.left).toBe('rolled back: all 4 instances run version 1 again');
  });

  it('somebody replaces the refresh with their own, which is left alone', async () => {
    const world = await healthyGroup({ instances: 4 });
    world.after(40, async () => {
      await world.operation('CancelInstanceRefresh', {
        AutoScalingGroupName: groupName,
        WaitForTransitioningInstances: false,
      });
      await otherRefresh(world, '3');
    });
    const failure = await failureOf(world.rollOut(2));
    expect(failure.left).toMatch(/not rolled back: another instance refresh .* has taken over/);
    await world.advance(300);
    expect(await world.versions()).toEqual({ 3: 4 });
  });

  it('AWS rolls back by itself, and the cause from before is told', async () => {
    const world = await healthyGroup({ instances: 2 });
    world.after(40, () => world.operation('RollbackInstanceRefresh', { AutoScalingGroupName: groupName }));
    const failure = await failureOf(world.rollOut(2));
    expect(failure.evidence.map(({ text }) => text).join()).toContain(
      'Rollback triggered due to user request.',
    );
    expect(failure.rollout?.status).toBe('rolled-back');
  });
});

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

  it('that begins in the very moment of the success takes nothing away from it', async () => {
    const world = await healthyGroup({ instances: 2 });
    const refresh = world.api.refresh.bind(world.api);
    let begun = false;
    world.api.refresh = async (...asked) => {
      const seen = await refresh(...asked);
      if (seen?.status === 'Successful' && !begun) {
        begun = true;
        await otherRefresh(world, '3');
        await world.advance(2);
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
