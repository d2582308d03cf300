export { announceEstimate } from './announce.ts';
export { replacementBatch } from './batches.ts';
export { dominantPart, estimateRollout, estimateWords } from './estimate.ts';
export { launchSeconds, observed } from './observed.ts';
export type { EstimateInput, RolloutEstimate } from './estimate.ts';
export { desiredConfiguration, refreshPreferences, rolloutSettings } from './settings.ts';
export type { RolloutSettings } from './settings.ts';
export { effectiveSettings, nextAction, readSnapshot } from './snapshot.ts';
export type { GroupSnapshot, KeepsRequests, NextAction } from './snapshot.ts';
