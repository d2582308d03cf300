export { freeDisk } from './advice.ts';
export { awsErrorKind, callFailure, errorText, httpStatus, isAwsError } from './aws-error.ts';
export type { AwsErrorKind } from './aws-error.ts';
export { adviceOn, denialIn } from './denial.ts';
export type { Denial } from './denial.ts';
export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { duration, stopwatch } from './durations.ts';
export { claimsIn } from './json-web-token.ts';
export { misspelt, nearest } from './edit-distance.ts';
export { DeployError, failureReasons } from './errors.ts';
export type { FailureReason } from './errors.ts';
export {
  imagesInUserData,
  normalName,
  parseEcrRepository,
  parseReference,
  registryHost,
  repositoryName,
  serviceImage,
  splitDigest,
  toImage,
} from './image-reference.ts';
export type { Reference } from './image-reference.ts';
export type { Log, Place } from './log.ts';
export type { Notice } from './notice.ts';
export { isPhase, phaseFacts, phaseOrder } from './phase.ts';
export type { Phase } from './phase.ts';
export { mask } from './redact.ts';
export {
  failureText,
  fullStop,
  rootCause,
  shortCommit,
  shortDigest,
  textsIn,
  truncatedList,
} from './text.ts';
export type {
  Backend,
  BlueGreenOutputs,
  ColouredGroup,
  Commit,
  CommitRange,
  Commits,
  Comparison,
  Estimate,
  Image,
  OwnLock,
  PhaseTime,
  PlanSummary,
  ResourceEdit,
  RolloutCourse,
  RolloutResult,
  RolloutStatus,
  Series,
  Span,
  TerraformOutputs,
  TrafficFigures,
  TrafficJudgement,
  TrafficMinuteRecord,
  TrafficRecord,
  TrafficShift,
} from './types.ts';
