/** SuspendProcesses, ResumeProcesses, EnableMetricsCollection, DisableMetricsCollection, and their type lists. */
import type { ApiCall } from '../../gateway/index.ts';
import { type FleetContext, changeableGroup } from './context.ts';
import { Parameters, validationError } from './parameters.ts';

const processes = [
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'Launch',
  'ReplaceUnhealthy',
  'ScheduledActions',
  'Terminate',
];

const metrics = [
  'GroupMinSize',
  'GroupMaxSize',
  'GroupDesiredCapacity',
  'GroupInServiceInstances',
  'GroupPendingInstances',
  'GroupStandbyInstances',
  'GroupTerminatingInstances',
  'GroupTotalInstances',
  'GroupInServiceCapacity',
  'GroupPendingCapacity',
  'GroupStandbyCapacity',
  'GroupTerminatingCapacity',
  'GroupTotalCapacity',
  'WarmPoolDesiredCapacity',
  'WarmPoolWarmedCapacity',
  'WarmPoolPendingCapacity',
  'WarmPoolTerminatingCapacity',
  'WarmPoolTotalCapacity',
  'GroupAndWarmPoolDesiredCapacity',
  'GroupAndWarmPoolTotalCapacity',
];

/** The named ones, or all when none is named. @throws ApiError ValidationError for an unknown one */
function chosen(asked: string[] | undefined, all: readonly string[], what: string): readonly string[] {
  if (asked === undefined || asked.length === 0) return all;
  const unknown = asked.find((name) => !all.includes(name));
  if (unknown !== undefined) throw validationError(`${unknown} is not a valid ${what}.`);
  return asked;
}

export function suspendProcesses(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.name('AutoScalingGroupName');
  const asked = chosen(parameters.texts('ScalingProcesses'), processes, 'process');
  parameters.check();
  const group = changeableGroup(context, name);
  const at = new Date(context.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  for (const process of asked) group.suspended.set(process, `User suspended at ${at}`);
  return {};
}

export function resumeProcesses(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.name('AutoScalingGroupName');
  const asked = chosen(parameters.texts('ScalingProcesses'), processes, 'process');
  parameters.check();
  const group = changeableGroup(context, name);
  for (const process of asked) group.suspended.delete(process);
  return {};
}

export function enableMetricsCollection(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.name('AutoScalingGroupName');
  parameters.text('Granularity', { required: true });
  const asked = chosen(parameters.texts('Metrics'), metrics, 'metric type');
  parameters.check();
  const group = changeableGroup(context, name);
  for (const metric of asked) group.metrics.add(metric);
  return {};
}

export function disableMetricsCollection(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.name('AutoScalingGroupName');
  const asked = chosen(parameters.texts('Metrics'), metrics, 'metric type');
  parameters.check();
  const group = changeableGroup(context, name);
  for (const metric of asked) group.metrics.delete(metric);
  return {};
}

export const describeMetricCollectionTypes = (): object => ({
  Metrics: metrics.map((Metric) => ({ Metric })),
  Granularities: [{ Granularity: '1Minute' }],
});

export const describeScalingProcessTypes = (): object => ({
  Processes: processes.map((ProcessName) => ({ ProcessName })),
});
