export { replacementBatch } from './batches.ts';
export {
  assumedLaunchSeconds,
  estimateRollout,
  estimateLines,
  estimateWords,
  mostly,
  observedLaunchSeconds,
} from './estimate.ts';
export type { RolloutEstimate } from './estimate.ts';
export { desiredConfiguration, refreshPreferences } from './settings.ts';
export type { RolloutSettings } from './settings.ts';
export { nextAction, previousVersion, readSnapshot, effectiveSettings } from './snapshot.ts';
export type { GroupSnapshot } from './snapshot.ts';
