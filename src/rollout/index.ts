export { awsRolloutApi, refreshOf } from './aws/index.ts';
export { settleInterruptedRollout } from './interrupted.ts';
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
export { previewRollout } from './preview.ts';
export type { RolloutPreview } from './preview.ts';
export { rollOut } from './roll-out.ts';
