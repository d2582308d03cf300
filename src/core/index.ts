export { callFailure, errorText, isFault } from './aws-error.ts';
export { duration, stopwatch, systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { nearest } from './edit-distance.ts';
export { DeployError } from './errors.ts';
export type { FailureReason } from './errors.ts';
export {
  imageInUserData,
  parseEcrRepository,
  parseReference,
  registryHost,
  repositoryName,
} from './image-reference.ts';
export type { Reference } from './image-reference.ts';
export type { Log } from './log.ts';
export type { Notice } from './notice.ts';
export { isPhase, phaseFacts } from './phase.ts';
export type { Phase } from './phase.ts';
export { mask } from './redact.ts';
export { failureText, fullStop, seconds, shortCommit, shortDigest, truncatedList } from './text.ts';
export type {
  Backend,
  Estimate,
  Image,
  PhaseTime,
  PlanSummary,
  RolloutResult,
  RolloutStatus,
  TerraformOutputs,
} from './types.ts';
