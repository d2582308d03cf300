/** Amazon EC2 Auto Scaling: groups, instance refreshes and their API, over any driver and load balancer. */
export type { Network } from './api/index.ts';
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
} from './engine/index.ts';
export { createFleet, type Fleet } from './fleet.ts';
