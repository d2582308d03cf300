/** Operations on a group's instances and on its desired capacity. */
import type { ApiCall } from '../../gateway/index.ts';
import {
  type Activity,
  beginActivity,
  beginTermination,
  causes,
  type Group,
  type Instance,
  isTerminating,
  type Step,
} from '../engine/index.ts';
import { type FleetContext, changeableGroup, instanceOf, instancesOf } from './context.ts';
import { Parameters, page, validationError } from './parameters.ts';
import { isVisible, renderActivity, renderInstanceDetails } from './render.ts';

export function describeAutoScalingInstances(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const ids = parameters.texts('InstanceIds') ?? [];
  const instances = [...context.state.groups.values()]
    .flatMap((group) => [...group.instances.values()])
    .filter((instance) => isVisible(instance) && (ids.length === 0 || ids.includes(instance.id)));
  const found = page(instances, parameters, { default: 50, max: 50 });
  return { AutoScalingInstances: found.items.map(renderInstanceDetails), NextToken: found.NextToken };
}

/** Cooldowns are not kept: HonorCooldown changes nothing. */
export function setDesiredCapacity(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const desired = parameters.integer('DesiredCapacity', { min: 0 }) ?? 0;
  parameters.check();
  const group = changeableGroup(context, name);
  const { minSize, maxSize, desiredCapacity } = group.settings;
  if (desired > maxSize) {
    throw validationError(
      `New SetDesiredCapacity value ${desired} is above max value ${maxSize} for the AutoScalingGroup.`,
    );
  }
  if (desired < minSize) {
    throw validationError(
      `New SetDesiredCapacity value ${desired} is below min value ${minSize} for the AutoScalingGroup.`,
    );
  }
  if (desired === desiredCapacity) return {};
  group.settings.desiredCapacity = desired;
  group.capacityCause = causes.desiredSet(context.clock.now(), desiredCapacity, desired);
  return {};
}

/**
 * During the grace period, which is also before the instance is in service, a call that respects it changes nothing.
 * Healthy or Unhealthy in any case of letters; an instance that is on its way out keeps what it has.
 */
export function setInstanceHealth(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const id = parameters.required('InstanceId');
  const status = parameters.required('HealthStatus');
  const respect = parameters.boolean('ShouldRespectGracePeriod') ?? true;
  if (!/^(healthy|unhealthy)$/i.test(status)) {
    throw validationError(`Health status '${status}' is not valid. Valid values are Healthy and Unhealthy.`);
  }
  const { group, instance } = instanceOf(context, id);
  if (isTerminating(instance)) return {};
  const since = instance.inServiceAt ?? context.clock.now();
  const graceEnds = since + group.settings.healthCheckGracePeriod * 1000;
  const inGrace = group.settings.healthCheckGracePeriod > 0 && context.clock.now() < graceEnds;
  if (/^healthy$/i.test(status)) {
    instance.health = 'Healthy';
    delete instance.unhealthyBecause;
  } else if (!respect || !inGrace) {
    instance.health = 'Unhealthy';
    instance.unhealthyBecause = 'user';
  }
  return {};
}

export function setInstanceProtection(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const protect = parameters.boolean('ProtectedFromScaleIn') ?? false;
  const ids = parameters.texts('InstanceIds') ?? [];
  const instances = instancesOf(changeableGroup(context, name), ids);
  const wrong = instances.find(({ lifecycle }) => lifecycle !== 'InService' && lifecycle !== 'Standby');
  if (wrong) throw validationError(`The instance ${wrong.id} is not in InService or Standby.`);
  for (const instance of instances) instance.protectedFromScaleIn = protect;
  return {};
}

/** @throws ApiError ValidationError when the group would be smaller than its minimum */
function decrement(group: Group, by: number, what: string): { from: number; to: number } {
  const { minSize, maxSize, desiredCapacity } = group.settings;
  if (desiredCapacity - by < minSize) {
    throw validationError(
      `AutoScalingGroup ${group.name} has min=${minSize}, max=${maxSize}, and desired=${desiredCapacity}. ` +
        `To ${what} ${by} instance${by === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
    );
  }
  group.settings.desiredCapacity -= by;
  return { from: desiredCapacity, to: desiredCapacity - by };
}

export function enterStandby(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const shrink = parameters.boolean('ShouldDecrementDesiredCapacity') ?? false;
  const ids = parameters.texts('InstanceIds') ?? [];
  const group = changeableGroup(context, name);
  const instances = instancesOf(group, ids);
  const wrong = instances.find(({ lifecycle }) => lifecycle !== 'InService');
  if (wrong) throw validationError(`The instance ${wrong.id} is not in InService.`);
  const capacity = shrink ? decrement(group, ids.length, 'place into standby') : undefined;
  const activities = context.act((step) =>
    instances.map((instance) => toStandby(step, group, instance, capacity)),
  );
  return { Activities: activities.map((activity) => renderActivity(activity, group)) };
}

function toStandby(
  step: Step,
  group: Group,
  instance: Instance,
  capacity: { from: number; to: number } | undefined,
): Activity {
  instance.lifecycle = 'EnteringStandby';
  const activity = beginActivity(step.state, group, step.now, {
    description: `Moving EC2 instance to Standby: ${instance.id}`,
    cause: causes.toStandby(step.now, instance.id, capacity),
    instance,
  });
  activity.progress = 50;
  instance.activity = activity;
  for (const targetGroupArn of group.targetGroups.keys()) {
    step.effects.push({ do: 'deregister', targetGroupArn, instanceId: instance.id });
  }
  return activity;
}

/** The desired capacity always grows by the instances that come back. */
export function exitStandby(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const ids = parameters.texts('InstanceIds') ?? [];
  const group = changeableGroup(context, name);
  const instances = instancesOf(group, ids);
  const wrong = instances.find(({ lifecycle }) => lifecycle !== 'Standby');
  if (wrong) throw validationError(`The instance ${wrong.id} is not in Standby.`);
  const { maxSize, desiredCapacity: from } = group.settings;
  const to = from + ids.length;
  if (to > maxSize) {
    throw validationError(
      `AutoScalingGroup ${name} has max=${maxSize} and desired=${from}. To move ${ids.length} instance(s) out of ` +
        'standby, please update the AutoScalingGroup sizes appropriately.',
    );
  }
  group.settings.desiredCapacity = to;
  const activities = context.act((step) =>
    instances.map((instance) => fromStandby(step, group, instance, { from, to })),
  );
  return { Activities: activities.map((activity) => renderActivity(activity, group)) };
}

function fromStandby(
  step: Step,
  group: Group,
  instance: Instance,
  capacity: { from: number; to: number },
): Activity {
  instance.lifecycle = 'Pending';
  instance.health = 'Healthy';
  delete instance.unhealthyBecause;
  const activity = beginActivity(step.state, group, step.now, {
    description: `Moving EC2 instance out of Standby: ${instance.id}`,
    cause: causes.fromStandby(step.now, instance.id, capacity),
    instance,
    status: 'PreInService',
  });
  activity.progress = 30;
  instance.activity = activity;
  return activity;
}

/** Works on protected instances too, and without a decrement the instance is replaced. */
export function terminateInstanceInAutoScalingGroup(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const id = parameters.required('InstanceId');
  const shrink = parameters.boolean('ShouldDecrementDesiredCapacity') ?? false;
  const { group, instance } = instanceOf(context, id);
  const { minSize, desiredCapacity } = group.settings;
  if (shrink && desiredCapacity - 1 < minSize) {
    throw validationError(
      `Currently, desiredSize equals minSize (${minSize}). Terminating instance without replacement will violate ` +
        "group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    );
  }
  if (shrink) group.settings.desiredCapacity -= 1;
  const capacity = shrink ? { from: desiredCapacity, to: desiredCapacity - 1 } : undefined;
  if (!isTerminating(instance)) {
    context.act((step) => {
      const cause = causes.userTerminated(step.now, id, capacity);
      beginTermination(step, group, instance, { cause });
    });
  }
  return { Activity: instance.activity && renderActivity(instance.activity, group) };
}
