/** SuspendProcesses, ResumeProcesses, EnableMetricsCollection, DisableMetricsCollection, and their type lists. */
import type { ApiCall } from '../../gateway/index.ts';
import { type Group, stamp } from '../engine/index.ts';
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

/** What can be switched on and off in a group: how calls name it, and everything that there is of it. */
interface Switches {
  parameter: string;
  all: readonly string[];
  /** In the message about an unknown one. */
  word: string;
}

const processSwitches: Switches = { parameter: 'ScalingProcesses', all: processes, word: 'process' };
const metricSwitches: Switches = { parameter: 'Metrics', all: metrics, word: 'metric type' };

/**
 * The group of a call, and the processes or metrics that it names, or all when it names none.
 * @throws ApiError ValidationError for an unknown one or when there is no such group
 */
function readSwitches(
  context: FleetContext,
  parameters: Parameters,
  { parameter, all, word }: Switches,
): { group: Group; named: readonly string[] } {
  const name = parameters.required('AutoScalingGroupName');
  const asked = parameters.texts(parameter) ?? [];
  const unknown = asked.find((one) => !all.includes(one));
  if (unknown !== undefined) throw validationError(`${unknown} is not a valid ${word}.`);
  return { group: changeableGroup(context, name), named: asked.length === 0 ? all : asked };
}

export function suspendProcesses(context: FleetContext, call: ApiCall): object {
  const { group, named } = readSwitches(context, new Parameters(call.parameters), processSwitches);
  const reason = `User suspended at ${stamp(context.clock.now())}`;
  for (const process of named) group.suspended.set(process, reason);
  return {};
}

export function resumeProcesses(context: FleetContext, call: ApiCall): object {
  const { group, named } = readSwitches(context, new Parameters(call.parameters), processSwitches);
  for (const process of named) group.suspended.delete(process);
  return {};
}

export function enableMetricsCollection(context: FleetContext, call: ApiCall): object {
  const { group, named } = readSwitches(context, new Parameters(call.parameters), metricSwitches);
  for (const metric of named) group.metrics.add(metric);
  return {};
}

export function disableMetricsCollection(context: FleetContext, call: ApiCall): object {
  const { group, named } = readSwitches(context, new Parameters(call.parameters), metricSwitches);
  for (const metric of named) group.metrics.delete(metric);
  return {};
}

export const describeMetricCollectionTypes = (): object => ({
  Metrics: metrics.map((Metric) => ({ Metric })),
  Granularities: [{ Granularity: '1Minute' }],
});

export const describeScalingProcessTypes = (): object => ({
  Processes: processes.map((ProcessName) => ({ ProcessName })),
});
