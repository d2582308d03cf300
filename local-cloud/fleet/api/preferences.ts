/** The preferences of a refresh: read, checked against each other, defaults filled in. */
import {
  type Group,
  type GroupSettings,
  groupWarmup,
  type HealthyPercentages,
  type RefreshPreferences,
} from '../engine/index.ts';
import { type Parameters, validationError } from './parameters.ts';

const protectedModes = ['Ignore', 'Wait', 'Refresh'] as const;
const standbyModes = ['Terminate', 'Ignore', 'Wait'] as const;

/**
 * @param preferences the structure of StartInstanceRefresh
 * @throws ApiError ValidationError for what does not go together; the ranges are the model's
 */
export function readPreferences(group: Group, preferences: Parameters): RefreshPreferences {
  const min = preferences.integer('MinHealthyPercentage');
  const max = preferences.integer('MaxHealthyPercentage');
  const warmup = preferences.integer('InstanceWarmup');
  const delay = preferences.integer('CheckpointDelay');
  const bakeTime = preferences.integer('BakeTime');
  const skipMatching = preferences.boolean('SkipMatching') ?? false;
  const autoRollback = preferences.boolean('AutoRollback') ?? false;
  const protectedInstances = preferences.text('ScaleInProtectedInstances');
  const standbyInstances = preferences.text('StandbyInstances');
  checkPercentages(min, max);
  const checkpointPercentages = readCheckpoints(preferences, delay);
  const result: RefreshPreferences = {
    ...healthyPercentages(group.settings, min, max),
    instanceWarmup: warmup ?? groupWarmup(group.settings),
    checkpointPercentages,
    skipMatching,
    autoRollback,
    alarms: readAlarms(preferences),
    scaleInProtectedInstances: protectedModes.find((mode) => mode === protectedInstances) ?? 'Wait',
    standbyInstances: standbyModes.find((mode) => mode === standbyInstances) ?? 'Wait',
  };
  if (checkpointPercentages.length > 0) result.checkpointDelay = delay ?? 3600;
  if (bakeTime !== undefined) result.bakeTime = bakeTime;
  return result;
}

/** The rules are AWS's, the wordings are ours. */
function checkPercentages(min: number | undefined, max: number | undefined): void {
  if (max === undefined) return;
  if (min === undefined) {
    throw validationError('MaxHealthyPercentage requires MinHealthyPercentage to be specified.');
  }
  if (max - min > 100) {
    throw validationError(
      'The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.',
    );
  }
}

/**
 * Documented: what the refresh leaves out is the group's instance maintenance policy's, and without one the minimum is
 * 90 and there is no maximum. Assumed: the two are one setting, so that a refresh with a minimum of its own takes no
 * maximum from the policy.
 */
function healthyPercentages(
  { instanceMaintenancePolicy }: GroupSettings,
  min: number | undefined,
  max: number | undefined,
): HealthyPercentages {
  if (min !== undefined) return { minHealthyPercentage: min, maxHealthyPercentage: max ?? null };
  return instanceMaintenancePolicy ?? { minHealthyPercentage: 90, maxHealthyPercentage: null };
}

function readCheckpoints(preferences: Parameters, delay: number | undefined): number[] {
  const texts = preferences.texts('CheckpointPercentages') ?? [];
  if (texts.length === 0) {
    if (delay === undefined) return [];
    throw validationError('CheckpointDelay requires CheckpointPercentages to be specified.');
  }
  const marks = texts.map(Number);
  const rising = marks.every((mark, index) => mark > (marks[index - 1] ?? 0));
  if (!rising || marks.some((mark) => !Number.isInteger(mark) || mark > 100)) {
    throw validationError(
      'CheckpointPercentages must be unique whole numbers from 1 to 100 in ascending order.',
    );
  }
  return marks;
}

function readAlarms(preferences: Parameters): string[] {
  const names = preferences.structure('AlarmSpecification')?.texts('Alarms') ?? [];
  if (names.length > 10) throw validationError('An instance refresh can watch at most 10 alarms.');
  return names;
}
