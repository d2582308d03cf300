/**
 * Scaling policies. They are kept and given back; nothing scales by itself here, because there are no metrics. Only
 * ExecutePolicy on a simple scaling policy changes the group. Target tracking policies get no CloudWatch alarms: the
 * list of their alarms is empty.
 */
import type { ApiCall } from '../../gateway/index.ts';
import { causes, type Group } from '../engine/index.ts';
import { type FleetContext, changeableGroup, groupOf } from './context.ts';
import { Parameters, page, validationError } from './parameters.ts';

const types = ['SimpleScaling', 'StepScaling', 'TargetTrackingScaling', 'PredictiveScaling'];
const adjustments = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'];

export function putScalingPolicy(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const policyName = parameters.required('PolicyName');
  const type = parameters.text('PolicyType', { oneOf: types }) ?? 'SimpleScaling';
  parameters.text('AdjustmentType', {
    required: type === 'SimpleScaling' || type === 'StepScaling',
    oneOf: adjustments,
  });
  parameters.integer('ScalingAdjustment', { required: type === 'SimpleScaling' });
  const enabled = parameters.boolean('Enabled') ?? true;
  parameters.check();
  const group = changeableGroup(context, name);
  if (type === 'TargetTrackingScaling' && !parameters.has('TargetTrackingConfiguration')) {
    throw validationError('TargetTrackingConfiguration is required for policy type TargetTrackingScaling.');
  }
  const tracking = parameters.structure('TargetTrackingConfiguration')?.raw;
  const { accountId, region } = context.state;
  const arn =
    group.policies.get(policyName)?.PolicyARN ??
    `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${context.state.newId('uuid')}` +
      `:autoScalingGroupName/${name}:policyName/${policyName}`;
  group.policies.set(policyName, {
    ...parameters.raw,
    PolicyARN: arn,
    PolicyType: type,
    ...(type === 'StepScaling'
      ? { MetricAggregationType: parameters.text('MetricAggregationType') ?? 'Average' }
      : {}),
    TargetTrackingConfiguration: tracking && { DisableScaleIn: false, ...tracking },
    Enabled: enabled,
    Alarms: [],
  });
  return { PolicyARN: arn, Alarms: [] };
}

/** @throws ApiError ValidationError when there is no such policy (the text is assumed) */
function policyOf(group: Group, nameOrArn: string): [string, Record<string, unknown>] {
  const found = [...group.policies].find(
    ([name, policy]) => name === nameOrArn || policy.PolicyARN === nameOrArn,
  );
  if (found === undefined) {
    throw validationError(
      `No Auto Scaling policy found: policy ${nameOrArn} of group ${group.name} not found`,
    );
  }
  return found;
}

function groupOfPolicy(context: FleetContext, parameters: Parameters, nameOrArn: string): Group {
  const name = parameters.text('AutoScalingGroupName');
  if (name !== undefined) return groupOf(context, name);
  const owner = [...context.state.groups.values()].find((group) =>
    [...group.policies.values()].some((policy) => policy.PolicyARN === nameOrArn),
  );
  if (owner === undefined) throw validationError(`No Auto Scaling policy found: ${nameOrArn} not found`);
  return owner;
}

export function deletePolicy(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const nameOrArn = parameters.required('PolicyName');
  const group = groupOfPolicy(context, parameters, nameOrArn);
  group.policies.delete(policyOf(group, nameOrArn)[0]);
  return {};
}

export function describePolicies(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.text('AutoScalingGroupName');
  const names = parameters.texts('PolicyNames') ?? [];
  const wanted = parameters.texts('PolicyTypes') ?? [];
  const groups = name === undefined ? [...context.state.groups.values()] : [groupOf(context, name)];
  const policies = groups
    .flatMap((group) => [...group.policies.values()])
    .filter((policy) => names.length === 0 || names.some((known) => hasName(policy, known)))
    .filter((policy) => wanted.length === 0 || wanted.includes(String(policy.PolicyType as string)));
  const found = page(policies, parameters, { default: 50, max: 100 });
  return { ScalingPolicies: found.items, NextToken: found.NextToken };
}

const hasName = (policy: Record<string, unknown>, name: string): boolean =>
  policy.PolicyName === name || policy.PolicyARN === name;

/** @throws ApiError ValidationError for anything but a simple scaling policy */
export function executePolicy(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const nameOrArn = parameters.required('PolicyName');
  const group = groupOfPolicy(context, parameters, nameOrArn);
  const [policyName, policy] = policyOf(group, nameOrArn);
  if (policy.PolicyType !== 'SimpleScaling') {
    throw validationError('Only simple scaling policies can be executed in the local cloud.');
  }
  const { settings } = group;
  const from = settings.desiredCapacity;
  const by = Number(policy.ScalingAdjustment);
  const sizes: Record<string, number> = {
    ChangeInCapacity: from + by,
    ExactCapacity: by,
    PercentChangeInCapacity: from + Math.trunc((from * by) / 100),
  };
  const asked = sizes[String(policy.AdjustmentType)] ?? from;
  const to = Math.min(Math.max(asked, settings.minSize), settings.maxSize);
  if (to === from) return {};
  settings.desiredCapacity = to;
  group.capacityCause = causes.policyExecuted(context.clock.now(), { policy: policyName, from, to });
  return {};
}
