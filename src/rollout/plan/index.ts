export { replacementBatch } from './batches.ts';
export {
  assumedLaunchSeconds,
  forecast,
  forecastLines,
  foretoldWords,
  mostly,
  observedLaunchSeconds,
} from './estimate.ts';
export type { Forecast } from './estimate.ts';
export { desiredConfiguration, refreshPreferences } from './settings.ts';
export type { RolloutSettings } from './settings.ts';
export { courseOf, readScene, sentSettings } from './snapshot.ts';
export type { Scene } from './snapshot.ts';
