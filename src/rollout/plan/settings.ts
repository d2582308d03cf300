import type { DesiredConfiguration, RefreshPreferences } from '@aws-sdk/client-auto-scaling';
import type { Inputs } from '../../inputs/index.ts';
import { delayAt } from '../../inputs/index.ts';
import type { AlarmObservation, GroupObservation, RolloutTarget } from '../model/index.ts';
import { effectivePercentages, type HealthyPercentages } from './batches.ts';

/**
 * What this rollout asks of AWS, from the inputs, the contract and the group's own settings. How long an instance may be
 * unhealthy is no matter of AWS: `verdictTimeouts` says it.
 */
export interface RolloutSettings {
  percentages: HealthyPercentages;
  /** True when the user gave a percentage; false when the group's policy or AWS's default decides. */
  percentagesGiven: boolean;
  /** Seconds that a new instance is held back after it came into service. */
  warmup: number;
  /** Where the warmup comes from, in the user's words. */
  warmupFrom:
    'instance-warmup' | 'the default instance warmup of the group' | 'the health check grace period';
  autoRollback: boolean;
  skipMatching: boolean;
  /** Guard alarms that are handed to AWS. */
  alarms: string[];
  /** True when the user named the alarms; false when the Terraform root did. */
  alarmsGiven: boolean;
  checkpoints: number[];
  checkpointDelay: number;
  /** The percentage of replaced instances at which it ends, to wait for a person; left out, it does not. */
  pauseAt?: number;
  bakeTime: number;
  /** Wait would hold the refresh for an hour and Refresh would break what the protection is for. */
  protectedInstances: 'Refresh' | 'Ignore' | 'Wait';
  standbyInstances: 'Terminate' | 'Ignore' | 'Wait';
}

export type RolloutInputs = Pick<
  Inputs,
  | 'minHealthyPercentage'
  | 'maxHealthyPercentage'
  | 'instanceWarmup'
  | 'checkpoints'
  | 'checkpointDelay'
  | 'bakeTime'
  | 'alarms'
  | 'autoRollback'
  | 'skipMatching'
>;

/** The settings of one rollout. `alarmNames` are the contract's, used where the user named none. */
export function rolloutSettings(
  inputs: RolloutInputs,
  group: GroupObservation,
  alarmNames: string[],
): RolloutSettings {
  const warmups = [
    [inputs.instanceWarmup, 'instance-warmup'],
    [group.defaultInstanceWarmup, 'the default instance warmup of the group'],
  ] as const;
  const [warmup, warmupFrom] = warmups.find(([seconds]) => seconds !== undefined) ?? [
    group.healthCheckGracePeriod,
    'the health check grace period' as const,
  ];
  return {
    percentages: effectivePercentages(inputs, group.maintenancePolicy),
    percentagesGiven: inputs.minHealthyPercentage !== undefined || inputs.maxHealthyPercentage !== undefined,
    warmup: warmup ?? 0,
    warmupFrom,
    autoRollback: inputs.autoRollback,
    skipMatching: inputs.skipMatching,
    alarms: inputs.alarms ?? alarmNames,
    alarmsGiven: inputs.alarms !== undefined,
    checkpoints: inputs.checkpoints ?? [],
    checkpointDelay: delayAt(inputs.checkpoints ?? [], inputs.checkpointDelay),
    bakeTime: inputs.bakeTime ?? 0,
    protectedInstances: 'Ignore',
    standbyInstances: 'Ignore',
  };
}

/**
 * The same settings without the alarms that AWS would not start with: those in ALARM already, for a way back or a
 * repair has to work while the service is broken; and of the Terraform root's, those without data or that do not exist.
 */
export function withUsableAlarms(settings: RolloutSettings, alarms: AlarmObservation[]): RolloutSettings {
  const states = new Map(alarms.map(({ name, state }) => [name, state]));
  const usable = (name: string) =>
    settings.alarmsGiven ? states.get(name) !== 'ALARM' : states.get(name) === 'OK';
  return { ...settings, alarms: settings.alarms.filter(usable) };
}

/**
 * Preferences for StartInstanceRefresh: only what was given, so that AWS's defaults and the group's own policy hold
 * for the rest, and no empty string or list, which AWS refuses. The maximum requires the minimum (AutoScaling API),
 * so AWS's default minimum is spelt out beside a maximum that stands alone.
 */
export function refreshPreferences(inputs: RolloutInputs, settings: RolloutSettings): RefreshPreferences {
  const preferences: RefreshPreferences = {
    AutoRollback: settings.autoRollback,
    SkipMatching: settings.skipMatching,
    ScaleInProtectedInstances: settings.protectedInstances,
    StandbyInstances: settings.standbyInstances,
  };
  if (settings.percentagesGiven) {
    preferences.MinHealthyPercentage = settings.percentages.minHealthyPercentage;
  }
  if (inputs.maxHealthyPercentage !== undefined)
    preferences.MaxHealthyPercentage = inputs.maxHealthyPercentage;
  if (inputs.instanceWarmup !== undefined) preferences.InstanceWarmup = inputs.instanceWarmup;
  if (settings.checkpoints.length > 0) {
    preferences.CheckpointPercentages = settings.checkpoints;
    preferences.CheckpointDelay = settings.checkpointDelay;
  }
  if (inputs.bakeTime !== undefined) preferences.BakeTime = inputs.bakeTime;
  if (settings.alarms.length > 0) preferences.AlarmSpecification = { Alarms: settings.alarms };
  return preferences;
}

/**
 * What the group is to run: the template by id and number. A mixed-instances group gets its whole policy again with
 * the new version, because a bare template might take the policy away (AWS does not say).
 */
export function desiredConfiguration(
  group: GroupObservation,
  target: Pick<RolloutTarget, 'templateId'>,
  version: number,
): DesiredConfiguration {
  const template = { LaunchTemplateId: target.templateId, Version: String(version) };
  const policy = group.mixedInstancesPolicy;
  if (!policy) return { LaunchTemplate: template };
  // An override may name the template once more, with a version of its own: its instances would stay on that.
  const overrides = policy.LaunchTemplate?.Overrides?.map((each) =>
    each.LaunchTemplateSpecification?.LaunchTemplateId === target.templateId
      ? { ...each, LaunchTemplateSpecification: template }
      : each,
  );
  return {
    MixedInstancesPolicy: {
      ...policy,
      LaunchTemplate: {
        ...policy.LaunchTemplate,
        LaunchTemplateSpecification: template,
        ...(overrides && { Overrides: overrides }),
      },
    },
  };
}
