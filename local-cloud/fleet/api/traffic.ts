/** Target groups and other traffic sources: attach, detach, describe. */
import type { ApiCall } from '../../gateway/index.ts';
import type { Group, Step } from '../engine/index.ts';
import { type FleetContext, changeableGroup, groupOf } from './context.ts';
import { Parameters, page, validationError } from './parameters.ts';
import { trafficSourcesOf } from './render.ts';

/** @throws ApiError ValidationError, in AWS's words, when one of them does not exist */
export function checkTargetGroups(context: FleetContext, arns: readonly string[]): void {
  if (arns.some((arn) => context.targetGroups.healthCheck(arn) === undefined)) {
    throw validationError('Provided Target Groups may not be valid. Please ensure they exist and try again.');
  }
}

/** Attaches traffic sources of any type; only target groups are acted on. */
export function attachTrafficSources(
  context: FleetContext,
  group: Group,
  sources: readonly Parameters[],
): string[] {
  const attached: string[] = [];
  for (const source of sources) {
    const identifier = source.required('Identifier');
    const type = source.text('Type') ?? typeOf(identifier);
    if (type === 'elbv2') {
      checkTargetGroups(context, [identifier]);
      if (!group.targetGroups.has(identifier)) attached.push(identifier);
      group.targetGroups.set(identifier, group.targetGroups.get(identifier) ?? 'Added');
    } else {
      const others = group.otherTrafficSources.filter((other) => other.Identifier !== identifier);
      group.otherTrafficSources = [...others, { Identifier: identifier, Type: type }];
    }
  }
  return attached;
}

function typeOf(identifier: string): string {
  if (identifier.includes(':vpc-lattice:')) return 'vpc-lattice';
  return identifier.startsWith('arn:') ? 'elbv2' : 'elb';
}

const inService = (group: Group): string[] =>
  [...group.instances.values()]
    .filter((instance) => instance.lifecycle === 'InService')
    .map((instance) => instance.id);

function registerAll(step: Step, group: Group, arns: readonly string[]): void {
  if (group.suspended.has('AddToLoadBalancer')) return;
  for (const targetGroupArn of arns) {
    for (const instanceId of inService(group)) {
      step.effects.push({ do: 'register', targetGroupArn, instanceId });
    }
  }
}

function detach(step: Step, group: Group, arn: string): void {
  if (!group.targetGroups.delete(arn)) return;
  for (const instanceId of group.instances.keys()) {
    step.effects.push({ do: 'deregister', targetGroupArn: arn, instanceId });
  }
}

export function attachLoadBalancerTargetGroups(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const arns = parameters.texts('TargetGroupARNs') ?? [];
  const group = changeableGroup(context, name);
  checkTargetGroups(context, arns);
  const added = arns.filter((arn) => !group.targetGroups.has(arn));
  for (const arn of added) group.targetGroups.set(arn, 'Added');
  context.act((step) => registerAll(step, group, added));
  return {};
}

export function detachLoadBalancerTargetGroups(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const arns = parameters.texts('TargetGroupARNs') ?? [];
  const group = groupOf(context, name);
  const missing = arns.find((arn) => !group.targetGroups.has(arn));
  if (missing !== undefined) {
    throw validationError(`Trying to remove Target Groups that are not part of the group: ${missing}`);
  }
  context.act((step) => {
    for (const arn of arns) detach(step, group, arn);
  });
  return {};
}

export function describeLoadBalancerTargetGroups(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const group = groupOf(context, parameters.required('AutoScalingGroupName'));
  const found = page([...group.targetGroups], parameters, { default: 100, max: 100 });
  return {
    LoadBalancerTargetGroups: found.items.map(([arn, State]) => ({ LoadBalancerTargetGroupARN: arn, State })),
    NextToken: found.NextToken,
  };
}

export function attachTrafficSourcesOperation(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const group = changeableGroup(context, name);
  const added = attachTrafficSources(context, group, parameters.list('TrafficSources') ?? []);
  context.act((step) => registerAll(step, group, added));
  return {};
}

export function detachTrafficSources(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const identifiers = (parameters.list('TrafficSources') ?? []).map((source) =>
    source.required('Identifier'),
  );
  const group = groupOf(context, name);
  context.act((step) => {
    for (const identifier of identifiers) detach(step, group, identifier);
  });
  group.otherTrafficSources = group.otherTrafficSources.filter(
    (source) => !identifiers.includes(source.Identifier),
  );
  return {};
}

export function describeTrafficSources(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const group = groupOf(context, parameters.required('AutoScalingGroupName'));
  const type = parameters.text('TrafficSourceType');
  const sources = trafficSourcesOf(group).filter((source) => type === undefined || source.Type === type);
  const found = page(sources, parameters, { default: 50, max: 100 });
  return {
    TrafficSources: found.items.map(({ Identifier, Type }) => ({
      Identifier,
      TrafficSource: Identifier,
      Type,
      State: group.targetGroups.get(Identifier) ?? 'Added',
    })),
    NextToken: found.NextToken,
  };
}
