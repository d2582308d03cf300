export { afterNewest } from './activities.ts';
export { bootMarker, exitCode } from './boot-marker.ts';
export type { Diagnosis, Evidence } from './diagnosis.ts';
export { evaluateGroup } from './evaluate-group.ts';
export type { GroupEvaluation } from './evaluate-group.ts';
export type { NewInstance, ReplacedFor, RolloutFacts } from './facts.ts';
export { isRetained, isTerminating } from './instance.ts';
export { hookFailure, isFailedLaunch, launchFailure, launchedAfter } from './launch-failures.ts';
export type { LaunchFailure } from './launch-failures.ts';
export { lifecycleMeaning } from './lifecycle-state.ts';
export type {
  ActivityObservation,
  AlarmObservation,
  BootMarker,
  ForwardRuleObservation,
  GroupObservation,
  HookObservation,
  ImageOutlook,
  InstanceObservation,
  RefreshObservation,
  RolloutMark,
  RolloutTarget,
  RunningInstance,
  ScheduledActionObservation,
  TargetGroupObservation,
  TargetObservation,
  TemplateObservation,
} from './observations.ts';
export { isActive, statusMeaning } from './refresh-status.ts';
export { isComing } from './rollout-progress.ts';
export type { RolloutProgress, RolloutStage } from './rollout-progress.ts';
export { savedTemplateVersion, versionNumber } from './template-version.ts';
export { latencyPercentiles } from './traffic.ts';
export type { Latency, LatencyPercentile, Traffic, TrafficMinute } from './traffic.ts';
