/** The state machine behind the API: what a group does next. No I/O, no timers. */
export { beginActivity } from './activities.ts';
export type { HealthyPercentages } from './capacity-range.ts';
export {
  type Alarms,
  type AlarmState,
  type Clock,
  type HealthCheckSettings,
  type InstanceDriver,
  type InstanceState,
  LaunchFailure,
  type LaunchRequest,
  type TargetHealth,
  type TargetRegistry,
  type Templates,
  type TemplateVersion,
} from './driver.ts';
export { stepFleet } from './engine.ts';
export { globalTimeout } from './lifecycle-actions.ts';
export { beginTermination, templateOf } from './lifecycle.ts';
export { isTimeZone, parseRecurrence } from './recurrence.ts';
export { beginRollback, cancelRefresh } from './refresh.ts';
export {
  activeRefresh,
  type Activity,
  type Effect,
  type FleetState,
  type Group,
  type GroupSettings,
  groupWarmup,
  type Instance,
  isTerminating,
  type LaunchConfiguration,
  type LaunchTemplateSpecification,
  type LifecycleAction,
  type LifecycleHook,
  type Observations,
  type Refresh,
  type RefreshPreferences,
  removeGroup,
  type ScheduledAction,
  type Step,
  type Subnet,
  type Tag,
} from './state.ts';
export { nextRun } from './schedule.ts';
export { causes, stamp, statusReasons } from './texts.ts';
