export { awsRolloutApi, refreshOf } from './aws/index.ts';
export {
  evaluateGroup,
  isActive,
  isTerminating,
  savedTemplateVersion,
  statusMeaning,
  versionNumber,
} from './model/index.ts';
export type { GroupObservation, RefreshObservation, TargetObservation } from './model/index.ts';
export { checkArchitecture } from './preflight/index.ts';
export { foresee } from './preview.ts';
export type { Foreseen } from './preview.ts';
export { rollOut } from './roll-out.ts';
export { finishRefresh, parseRolloutState } from './rolling/index.ts';
export type { RolloutState } from './rolling/index.ts';
