import { describe, expect, it } from '@jest/globals';
import { preflight, type PreflightInput } from '../../../src/rollout/preflight/preflight.ts';
import type { GroupObservation, RefreshObservation } from '../../../src/rollout/model/observations.ts';
import {
  failedLaunch,
  group,
  instance,
  launched,
  readyToRollOut,
  settings,
  target,
} from '../helpers/observations.ts';

const well = readyToRollOut();
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
const hook = {
  name: 'warm',
  transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  heartbeatTimeout: 3600,
  defaultResult: 'ABANDON',
};
const launch = { ...failedLaunch(''), statusCode: 'Successful' };
const timedOut = failedLaunch(
  "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token e85e was abandoned: Heartbeat Timeout",
  0,
  'Cancelled',
);
const mixed = (override: object): { group: GroupObservation } => ({
  group: group({
    mixedInstancesPolicy: { LaunchTemplate: { Overrides: [{ InstanceType: 'm7g.large' }, override] } },
  }),
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
      'the way back from what waits for a person',
      {
        ...atTarget,
        group: {
          ...atTarget.group,
          instances: [instance('i-0a', { templateVersion: 42 }), instance('i-0b', { templateVersion: 43 })],
        },
      },
      undefined,
    ],
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
      'health-not-seen',
      'warning',
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
      'a protected instance that is on its way out',
      {
        group: group({
          instances: [
            instance('i-0a', { protectedFromScaleIn: true, lifecycleState: 'Terminating:Wait' }),
            instance('i-0b'),
          ],
        }),
      },
      undefined,
    ],
    [
      'an instance that the lifecycle policy has kept',
      {
        group: group({
          instances: [
            instance('i-0a'),
            instance('i-0b', { lifecycleState: 'Terminating:Retained', protectedFromScaleIn: true }),
          ],
        }),
      },
      'retained-instances',
      'warning',
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
      'alarm-left-out',
      'warning',
    ],
    [
      'a guard alarm of the root in ALARM',
      {
        settings: settings({ alarms: ['errors'] }),
        alarms: [{ name: 'errors', state: 'ALARM', reason: '' }],
      },
      'alarm-left-out',
      'warning',
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
      'the only instance taken down although the user wants half of it to stay',
      { group: group(one), settings: settings({ percentages: percentages(50, null) }) },
      'takes-all-down',
      'error',
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
    ['a target group that the group is not attached to', { unattached: ['arn'] }, 'not-attached', 'error'],
    [
      'EC2 health checks without target groups',
      { group: group({ healthCheckTypes: ['EC2'], targetGroupArns: [] }) },
      'health-not-seen',
      'warning',
    ],
    [
      'a target group of VPC Lattice that AWS does not ask',
      {
        group: group({
          targetGroupArns: [],
          otherTraffic: [
            { type: 'vpc-lattice', id: 'arn:aws:vpc-lattice:eu-north-1:123456789012:targetgroup/tg-1' },
          ],
        }),
      },
      'health-check-blind',
      'error',
    ],
    [
      'a target group of VPC Lattice',
      {
        group: group({
          healthCheckTypes: ['EC2', 'VPC_LATTICE'],
          targetGroupArns: [],
          otherTraffic: [
            { type: 'vpc-lattice', id: 'arn:aws:vpc-lattice:eu-north-1:123456789012:targetgroup/tg-1' },
          ],
        }),
      },
      'health-not-seen',
      'warning',
    ],
    [
      'a classic load balancer beside the target group',
      { group: group({ otherTraffic: [{ type: 'elb', id: 'shop' }] }) },
      'health-not-seen',
      'warning',
    ],
    [
      'a grace period shorter than detection',
      { group: group({ healthCheckGracePeriod: 5 }) },
      'grace-too-short',
      'warning',
    ],
    ['no healthy target before', { targets: [target('i-0a', 'unhealthy')] }, 'not-healthy-before', 'warning'],
    ['a launch hook', { hooks: [hook] }, 'launch-hook', 'warning'],
    [
      'a launch hook that nobody completed',
      { hooks: [hook], activities: [timedOut] },
      'launch-hook',
      'warning',
    ],
    ['a launch hook that somebody completes', { hooks: [hook], activities: [launch] }, undefined],
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
    [
      'an image that the registry does not have',
      { launched: { next: launched(42, { stored: 'missing' }), saved: launched(41) } },
      'image-gone',
      'error',
    ],
    [
      'an image that is archived',
      { launched: { next: launched(42, { stored: 'archived' }), saved: launched(41) } },
      'image-archived',
      'error',
    ],
    [
      'an image that could not be asked for',
      { launched: { next: launched(42, { stored: 'unknown' }), saved: undefined } },
      undefined,
    ],
    [
      'a rollback to an image that is gone',
      { launched: { next: launched(42), saved: launched(41, { stored: 'missing' }) } },
      'image-gone',
      'error',
    ],
    [
      'an image that is gone and not gone back to',
      {
        launched: { next: launched(42), saved: launched(41, { stored: 'missing' }) },
        settings: settings({ autoRollback: false }),
      },
      'image-gone',
      'warning',
    ],
    [
      'an image that a rule takes now',
      {
        launched: {
          next: launched(42, { outlook: { rule: 'rule 1: keep the newest 3', left: { pushes: 0 } } }),
          saved: undefined,
        },
      },
      'image-expires',
      'warning',
    ],
    [
      'a rollback to an image that a rule takes soon',
      {
        launched: {
          next: launched(42),
          saved: launched(41, { outlook: { rule: 'rule 1: 30 days after the push', left: { days: 7 } } }),
        },
      },
      'image-expires',
      'warning',
    ],
    [
      'images that stay a while',
      {
        launched: {
          next: launched(42, { outlook: { rule: 'rule 1', left: { pushes: 29 } } }),
          saved: launched(41, { outlook: { rule: 'rule 1', left: { days: 8 } } }),
        },
      },
      undefined,
    ],
    [
      'an image by tag',
      { launched: { next: launched(42, { image: undefined, stored: 'unknown' }), saved: launched(41) } },
      'image-by-tag',
      'warning',
    ],
    [
      'a machine image from a parameter in the saved version',
      { launched: { next: launched(42), saved: launched(41, { machineImage: 'resolve:ssm:/ami' }) } },
      'saved-image-moves',
      'error',
    ],
    [
      'a machine image from a parameter in the new version',
      { launched: { next: launched(42, { machineImage: 'resolve:ssm:/ami' }), saved: launched(41) } },
      'image-moves',
      'warning',
    ],
    [
      'instance types of equal weight',
      mixed({ InstanceType: 't4g.large', WeightedCapacity: '1' }),
      undefined,
    ],
    ['instance types of different weights', mixed({ WeightedCapacity: '2' }), 'weighted-capacity', 'error'],
    ['instances by attributes', mixed({ InstanceRequirements: {} }), 'instance-requirements', 'error'],
    [
      'instances by attributes in the template',
      { launched: { next: launched(42, { byRequirements: true }), saved: launched(41) } },
      'instance-requirements',
      'error',
    ],
    [
      'an override with a template of its own',
      mixed({ LaunchTemplateSpecification: { LaunchTemplateName: 'shop-arm', LaunchTemplateId: 'lt-9' } }),
      'own-templates',
      'error',
    ],
    ['a warm pool', { group: group({ hasWarmPool: true }) }, 'warm-pool', 'warning'],
  ])('%s', (_, change, ...expected) => {
    const [code, severity] = expected;
    const findings = preflight({ ...well, ...change });
    expect(findings.map((finding) => [finding.code, finding.severity])).toEqual(
      code === undefined ? [] : [[code, severity]],
    );
    for (const { what, why, fix } of findings)
      for (const text of [what, why, fix]) expect(text).toMatch(/\w{3}/);
  });

  it('says how an archived image comes back, and how a kept instance goes', () => {
    const findings = preflight({
      ...well,
      launched: { next: launched(42), saved: launched(41, { stored: 'archived' }) },
      group: group({
        instances: [
          instance('i-0a'),
          ...['i-0b', 'i-0c'].map((id) => instance(id, { lifecycleState: 'Terminating:Retained' })),
        ],
      }),
    });
    const told = findings.map(({ what, fix }) => `${what}: ${fix}`).join('\n');
    expect(told).toContain(
      'aws ecr update-image-storage-class --target-storage-class STANDARD --repository-name shop --image-id imageDigest=sha256:41)',
    );
    expect(told).toContain('2 instances are kept by the group');
    expect(told).toContain('--instance-id i-0b');
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
