import { describe, expect, it } from '@jest/globals';
import {
  desiredConfiguration,
  refreshPreferences,
  rolloutSettings,
  withUsableAlarms,
} from '../../../src/rollout/plan/settings.ts';
import { group, settings } from '../helpers/observations.ts';

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
    [
      'checkpoints that say nothing of a delay: what AWS would wait',
      { checkpoints: [20, 100] },
      { ...always, CheckpointPercentages: [20, 100], CheckpointDelay: 3600 },
    ],
    [
      'a single checkpoint, where the rollout ends',
      { checkpoints: [50] },
      { ...always, CheckpointPercentages: [50], CheckpointDelay: 0 },
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

  it('leaves out what is in ALARM already, and the alarms of the root that AWS could not use', () => {
    const alarms = [
      { name: 'a', state: 'OK', reason: '' },
      { name: 'b', state: 'INSUFFICIENT_DATA', reason: '' },
      { name: 'd', state: 'ALARM', reason: '' },
    ];
    const asked = settings({ alarms: ['a', 'b', 'c', 'd'] });
    expect(withUsableAlarms(asked, alarms).alarms).toEqual(['a']);
    expect(withUsableAlarms({ ...asked, alarmsGiven: true }, alarms).alarms).toEqual(['a', 'b', 'c']);
  });
});

describe('desiredConfiguration', () => {
  it('names the template by id and number', () => {
    expect(desiredConfiguration(group(), { templateId: 'lt-1' }, 42)).toEqual({
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '42' },
    });
  });

  it('moves an override that names the template with a version of its own', () => {
    const old = { LaunchTemplateId: 'lt-1', Version: '41' };
    const overrides = [{ InstanceType: 'm7g.large' as const, LaunchTemplateSpecification: old }];
    const policy = { LaunchTemplate: { LaunchTemplateSpecification: old, Overrides: overrides } };
    const { MixedInstancesPolicy: moved } = desiredConfiguration(
      group({ mixedInstancesPolicy: policy }),
      { templateId: 'lt-1' },
      42,
    );
    expect(moved?.LaunchTemplate?.Overrides).toEqual([
      { InstanceType: 'm7g.large', LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '42' } },
    ]);
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
