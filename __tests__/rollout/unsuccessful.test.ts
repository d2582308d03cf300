import { describe, expect, it } from '@jest/globals';
import type { FleetFault } from '../../local-cloud/simulation/index.ts';
import type { Inputs } from '../../src/inputs/table.ts';
import { failureOf, replaceRefresh, suspend } from './helpers/acts.ts';
import {
  awsError,
  groupName,
  healthyGroup,
  type SimulatedAws,
  type WorldOptions,
} from './helpers/simulated-aws.ts';

/** Ten instances, two at a time, and no time for more than the first ones. */
const halfway: Partial<Inputs> = { timeout: 60, minHealthyPercentage: 90, maxHealthyPercentage: 110 };
const containing = (text: string): unknown => expect.stringContaining(text);

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
    expect(failure).toMatchObject({ reason, rollback: 'done' });
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
    const failure = await failureOf(world.rollOut(2, { unhealthyTimeout: 3000 }));
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
      world.rollOut(2, { minHealthyPercentage: 50, maxHealthyPercentage: undefined, unhealthyTimeout: 9000 }),
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

  it.each([
    ['', {}],
    [', and a bake time to come is no reason to wait longer', { bakeTime: 7200, timeout: 14_400 }],
  ])('a process that is suspended meanwhile%s', async (_, inputs) => {
    const world = await healthyGroup();
    world.after(20, () => suspend(world, 'InstanceRefresh'));
    world.after(1500, () =>
      world.operation('ResumeProcesses', {
        AutoScalingGroupName: groupName,
        ScalingProcesses: ['InstanceRefresh'],
      }),
    );
    const failure = await failureOf(world.rollOut(2, inputs));
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
    expect(failure.reason).toBe('outdated-instances');
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
    world.after(40, () => replaceRefresh(world, '3'));
    const failure = await failureOf(world.rollOut(2));
    expect(failure.left).toMatch(/not rolled back: another instance refresh .* has taken over/);
    expect(failure.rollback).toBe('not-done');
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
