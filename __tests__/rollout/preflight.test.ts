import { describe, expect, it } from '@jest/globals';
import { preflight, type PreflightInput } from '../../src/rollout/preflight.ts';
import {
  desiredConfiguration,
  refreshPreferences,
  rolloutSettings,
  withUsableAlarms,
} from '../../src/rollout/settings.ts';
import type { RefreshObservation } from '../../src/rollout/observations.ts';
import { group, instance, settings, target, targetGroup } from './observed.ts';

const well: PreflightInput = {
  group: group(),
  target: { templateId: 'lt-1', version: 42, previousVersion: 41 },
  settings: settings(),
  targetGroups: [targetGroup],
  targets: [target('i-0a'), target('i-0b')],
  alarms: [],
  hooks: [],
  refreshes: [],
};
const finished: RefreshObservation = {
  id: 'r-1',
  status: 'Successful',
  statusReason: '',
  percentageComplete: 100,
  instancesToUpdate: 0,
  startTime: undefined,
  endTime: undefined,
  target: { templateId: 'lt-1', version: '42' },
  desiredConfiguration: undefined,
  preferences: undefined,
  rollbackReason: undefined,
};
const atTarget = {
  group: group({
    template: { id: 'lt-1', name: '', version: '42' },
    instances: [instance('i-0a', { templateVersion: 42 }), instance('i-0b')],
  }),
  target: { templateId: 'lt-1', version: 42, previousVersion: 42 },
};
const suspended = (name: string) => ({
  group: group({ suspendedProcesses: [{ name, reason: 'User suspended' }] }),
});
const percentages = (min: number, max: number | null) => ({
  minHealthyPercentage: min,
  maxHealthyPercentage: max,
});
const one = { desired: 1, instances: [instance('i-0a')] };

describe('preflight', () => {
  it('finds nothing on a group that is well', () => {
    expect(preflight(well)).toEqual([]);
  });

  it.each<[string, Partial<PreflightInput>, string | undefined, ('error' | 'warning')?]>([
    [
      'a saved version $Latest',
      { group: group({ template: { id: 'lt-1', name: '', version: '$Latest' } }) },
      'saved-version-moves',
      'error',
    ],
    [
      'a saved version $Default without rollback',
      {
        group: group({ template: { id: 'lt-1', name: '', version: '$Default' } }),
        settings: settings({ autoRollback: false }),
      },
      'saved-version-moves',
      'warning',
    ],
    [
      'a launch configuration',
      { group: group({ template: undefined, launchConfiguration: 'shop-1' }) },
      'launch-configuration',
      'warning',
    ],
    [
      'a rollback to the same version, nowhere proven',
      { ...atTarget, group: { ...atTarget.group, instances: [instance('i-0a'), instance('i-0b')] } },
      'same-version',
      'error',
    ],
    ['a rollback to the same version, never rolled out', atTarget, 'same-version', 'error'],
    [
      'the rest of a version that was rolled out',
      { ...atTarget, refreshes: [finished] },
      'same-version',
      'warning',
    ],
    [
      'the same version without rollback',
      { ...atTarget, settings: settings({ autoRollback: false }) },
      'same-version',
      'warning',
    ],
    [
      'the same number of another template',
      { ...atTarget, target: { templateId: 'lt-2', version: 42, previousVersion: 42 } },
      undefined,
    ],
    ['Launch suspended', suspended('Launch'), 'suspended-process', 'error'],
    ['Terminate suspended', suspended('Terminate'), 'suspended-process', 'error'],
    ['InstanceRefresh suspended', suspended('InstanceRefresh'), 'suspended-process', 'error'],
    ['AddToLoadBalancer suspended', suspended('AddToLoadBalancer'), 'suspended-process', 'error'],
    [
      'AddToLoadBalancer suspended without target groups',
      {
        group: group({
          targetGroupArns: [],
          suspendedProcesses: [{ name: 'AddToLoadBalancer', reason: '' }],
        }),
      },
      undefined,
    ],
    ['HealthCheck suspended', suspended('HealthCheck'), 'suspended-process', 'warning'],
    ['ReplaceUnhealthy suspended', suspended('ReplaceUnhealthy'), 'suspended-process', 'warning'],
    ['AlarmNotification suspended', suspended('AlarmNotification'), undefined],
    [
      'a protected instance',
      { group: group({ instances: [instance('i-0a', { protectedFromScaleIn: true }), instance('i-0b')] }) },
      'protected-instances',
      'error',
    ],
    [
      'a protected instance that the refresh may replace',
      {
        group: group({ instances: [instance('i-0a', { protectedFromScaleIn: true })] }),
        settings: settings({ protectedInstances: 'Refresh' }),
      },
      undefined,
    ],
    [
      'a protected instance of the target version',
      {
        group: group({
          instances: [
            instance('i-0a', { protectedFromScaleIn: true, templateVersion: 42 }),
            instance('i-0b'),
          ],
        }),
      },
      undefined,
    ],
    [
      'an instance in Standby',
      { group: group({ instances: [instance('i-0a', { lifecycleState: 'Standby' }), instance('i-0b')] }) },
      'standby-instances',
      'error',
    ],
    [
      'an instance in Standby that the refresh may terminate',
      {
        group: group({ instances: [instance('i-0a', { lifecycleState: 'Standby' })] }),
        settings: settings({ standbyInstances: 'Terminate' }),
      },
      undefined,
    ],
    [
      'a guard alarm in ALARM',
      {
        settings: settings({ alarms: ['errors'], alarmsGiven: true }),
        alarms: [{ name: 'errors', state: 'ALARM', reason: 'much' }],
      },
      'alarm-in-alarm',
      'error',
    ],
    [
      'a guard alarm of the root in ALARM',
      {
        settings: settings({ alarms: ['errors'] }),
        alarms: [{ name: 'errors', state: 'ALARM', reason: '' }],
      },
      'alarm-in-alarm',
      'error',
    ],
    [
      'a named alarm without data',
      {
        settings: settings({ alarms: ['errors'], alarmsGiven: true }),
        alarms: [{ name: 'errors', state: 'INSUFFICIENT_DATA', reason: '' }],
      },
      'alarm-without-data',
      'error',
    ],
    [
      'an alarm of the root without data',
      {
        settings: settings({ alarms: ['errors'] }),
        alarms: [{ name: 'errors', state: 'INSUFFICIENT_DATA', reason: '' }],
      },
      'alarm-left-out',
      'warning',
    ],
    [
      'a named alarm that is not there',
      { settings: settings({ alarms: ['errors'], alarmsGiven: true }) },
      'alarm-missing',
      'error',
    ],
    [
      'an alarm that is OK',
      { settings: settings({ alarms: ['errors'] }), alarms: [{ name: 'errors', state: 'OK', reason: '' }] },
      undefined,
    ],
    [
      'the only instance taken down by default',
      {
        group: group(one),
        settings: settings({ percentages: percentages(90, null), percentagesGiven: false }),
      },
      'takes-all-down',
      'error',
    ],
    [
      'the only instance taken down because the user said so',
      { group: group(one), settings: settings({ percentages: percentages(0, 100) }) },
      'takes-all-down',
      'warning',
    ],
    [
      'the only instance, replaced after',
      { group: group(one), settings: settings({ percentages: percentages(100, 100) }) },
      undefined,
    ],
    [
      'all instances at once',
      { settings: settings({ percentages: percentages(0, null) }) },
      'takes-all-down',
      'warning',
    ],
    ['no room to launch first', { group: group({ maxSize: 2 }) }, 'no-room', 'warning'],
    ['no instances', { group: group({ desired: 0, instances: [] }) }, 'no-instances', 'warning'],
    [
      'health checks that never see the load balancer',
      { group: group({ healthCheckTypes: ['EC2'] }) },
      'health-check-blind',
      'error',
    ],
    [
      'EC2 health checks without target groups',
      { group: group({ healthCheckTypes: ['EC2'], targetGroupArns: [] }) },
      undefined,
    ],
    [
      'a grace period shorter than detection',
      { group: group({ healthCheckGracePeriod: 5 }) },
      'grace-too-short',
      'warning',
    ],
    ['no healthy target before', { targets: [target('i-0a', 'unhealthy')] }, 'not-healthy-before', 'warning'],
    [
      'a launch hook',
      {
        hooks: [
          {
            name: 'warm',
            transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
            heartbeatTimeout: 3600,
            defaultResult: 'ABANDON',
          },
        ],
      },
      'launch-hook',
      'warning',
    ],
    [
      'a termination hook',
      {
        hooks: [
          {
            name: 'bye',
            transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
            heartbeatTimeout: 60,
            defaultResult: 'CONTINUE',
          },
        ],
      },
      undefined,
    ],
  ])('%s', (_, change, ...expected) => {
    const [code, severity] = expected;
    const findings = preflight({ ...well, ...change });
    expect(findings.map((finding) => [finding.code, finding.severity])).toEqual(
      code === undefined ? [] : [[code, severity]],
    );
    for (const { what, why, fix } of findings)
      for (const text of [what, why, fix]) expect(text).toMatch(/\w{3}/);
  });

  it('lists errors first', () => {
    const findings = preflight({
      ...well,
      group: group({
        maxSize: 2,
        healthCheckGracePeriod: 0,
        suspendedProcesses: [{ name: 'HealthCheck', reason: '' }],
        instances: [instance('i-0a', { lifecycleState: 'Standby' })],
      }),
    });
    expect(findings.map(({ severity }) => severity)).toEqual(['error', 'warning', 'warning', 'warning']);
  });
});

const inputs = {
  minHealthyPercentage: undefined,
  maxHealthyPercentage: undefined,
  instanceWarmup: undefined,
  checkpoints: undefined,
  checkpointDelay: undefined,
  bakeTime: undefined,
  alarms: undefined,
  autoRollback: true,
  skipMatching: false,
};

describe('refreshPreferences', () => {
  const always = {
    AutoRollback: true,
    SkipMatching: false,
    ScaleInProtectedInstances: 'Ignore',
    StandbyInstances: 'Ignore',
  };
  it.each([
    ['nothing given sends nothing that has a default', {}, always],
    [
      'a minimum alone leaves the maximum absent',
      { minHealthyPercentage: 50 },
      { ...always, MinHealthyPercentage: 50 },
    ],
    [
      'zero is a number',
      { minHealthyPercentage: 0, instanceWarmup: 0, bakeTime: 0 },
      { ...always, MinHealthyPercentage: 0, InstanceWarmup: 0, BakeTime: 0 },
    ],
    [
      'a maximum needs its minimum',
      { maxHealthyPercentage: 120 },
      { ...always, MinHealthyPercentage: 90, MaxHealthyPercentage: 120 },
    ],
    [
      'checkpoints',
      { checkpoints: [20, 100], checkpointDelay: 60 },
      { ...always, CheckpointPercentages: [20, 100], CheckpointDelay: 60 },
    ],
    ['a delay without checkpoints is not sent', { checkpointDelay: 60 }, always],
    ['alarms', { alarms: ['errors'] }, { ...always, AlarmSpecification: { Alarms: ['errors'] } }],
    ['no alarms', { alarms: [] }, always],
  ])('%s', (_, change, expected) => {
    const given = { ...inputs, ...change };
    expect(refreshPreferences(given, rolloutSettings(given, group(), []))).toEqual(expected);
  });

  it('takes the warmup from the input, the group, the grace period, in this order', () => {
    expect(rolloutSettings({ ...inputs, instanceWarmup: 0 }, group(), [])).toMatchObject({
      warmup: 0,
      warmupFrom: 'instance-warmup',
    });
    expect(rolloutSettings(inputs, group(), []).warmup).toBe(30);
    expect(rolloutSettings(inputs, group({ defaultInstanceWarmup: undefined }), [])).toMatchObject({
      warmup: 120,
      warmupFrom: 'the health check grace period',
    });
  });

  it('leaves out the alarms of the root that AWS could not use, never those of the user', () => {
    const alarms = [
      { name: 'a', state: 'OK', reason: '' },
      { name: 'b', state: 'INSUFFICIENT_DATA', reason: '' },
    ];
    expect(withUsableAlarms(settings({ alarms: ['a', 'b', 'c'] }), alarms).alarms).toEqual(['a']);
    expect(withUsableAlarms(settings({ alarms: ['a', 'b', 'c'], alarmsGiven: true }), alarms).alarms).toEqual(
      ['a', 'b', 'c'],
    );
  });
});

describe('desiredConfiguration', () => {
  it('names the template by id and number', () => {
    expect(desiredConfiguration(group(), { templateId: 'lt-1' }, 42)).toEqual({
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '42' },
    });
  });

  it('keeps the whole policy of a mixed-instances group', () => {
    const mixedInstancesPolicy = {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateName: 'shop', Version: '41' },
        Overrides: [{ InstanceType: 'm7g.large' as const }],
      },
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 50 },
    };
    expect(desiredConfiguration(group({ mixedInstancesPolicy }), { templateId: 'lt-1' }, 42)).toEqual({
      MixedInstancesPolicy: {
        ...mixedInstancesPolicy,
        LaunchTemplate: {
          Overrides: [{ InstanceType: 'm7g.large' }],
          LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '42' },
        },
      },
    });
  });
});
