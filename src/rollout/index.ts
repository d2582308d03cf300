export { activityOf, awsRolloutApi, refreshOf } from './aws/index.ts';
export { abort } from './abort.ts';
export { estimateBlueGreen, isUnderWay, readFleets, sideToGoBackTo, stateWords } from './blue-green/index.ts';
export type { FleetState, Fleets, Side } from './blue-green/index.ts';
export { settleInterruptedRollout } from './interrupted.ts';
export { judge } from './judgement/index.ts';
export type { JudgedWindow } from './judgement/index.ts';
export {
  evaluateGroup,
  isActive,
  isTerminating,
  latencyPercentiles,
  savedTemplateVersion,
  statusMeaning,
  versionNumber,
} from './model/index.ts';
export type {
  GroupObservation,
  Latency,
  RefreshObservation,
  TargetObservation,
  Traffic,
  TrafficMinute,
} from './model/index.ts';
export { estimateRollout, observed } from './plan/index.ts';
export type { EstimateInput } from './plan/index.ts';
export { checkArchitecture } from './preflight/index.ts';
export { previewRollout } from './preview.ts';
export type { RolloutPreview } from './preview.ts';
export { rollOut } from './roll-out.ts';
export { isMixture, isPartial, isUnfinished, rollingState, rollingWords, shareOf } from './rolling/index.ts';
export type { RollingState } from './rolling/index.ts';
export { requireInputsOf } from './strategy-of.ts';
export type { Aborted } from './strategy/index.ts';
