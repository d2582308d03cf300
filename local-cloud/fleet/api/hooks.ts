/** Lifecycle hooks and the actions that wait on them. */
import type { ApiCall } from '../../gateway/index.ts';
import { globalTimeout, type Group, type LifecycleAction, type LifecycleHook } from '../engine/index.ts';
import { type FleetContext, changeableGroup, groupOf } from './context.ts';
import { Parameters, validationError } from './parameters.ts';

const transitions = ['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING'] as const;
const results = ['CONTINUE', 'ABANDON'] as const;

/** Adds or changes a hook; what the request leaves out stays, or gets the API's default. */
export function readHook(group: Group, parameters: Parameters): void {
  const name = parameters.required('LifecycleHookName');
  const existing = group.hooks.get(name);
  const transition = parameters.text('LifecycleTransition', {
    required: existing === undefined,
    oneOf: transitions,
  });
  const heartbeat = parameters.integer('HeartbeatTimeout', { min: 30, max: 7200 });
  const result = parameters.text('DefaultResult', { oneOf: results });
  parameters.check();
  const hook: LifecycleHook = {
    heartbeatTimeout: 3600,
    defaultResult: 'ABANDON',
    ...existing,
    name,
    transition: transitions.find((known) => known === transition) ?? existing?.transition ?? transitions[0],
  };
  if (heartbeat !== undefined) hook.heartbeatTimeout = heartbeat;
  const known = results.find((candidate) => candidate === result);
  if (known) hook.defaultResult = known;
  const target = parameters.text('NotificationTargetARN');
  if (target) hook.notificationTargetArn = target;
  const role = parameters.text('RoleARN');
  if (role) hook.roleArn = role;
  const metadata = parameters.text('NotificationMetadata');
  if (metadata) hook.notificationMetadata = metadata;
  group.hooks.set(name, hook);
}

export function putLifecycleHook(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  readHook(changeableGroup(context, name), parameters);
  return {};
}

/** Actions that wait on the hook go on as if it had said CONTINUE. */
export function deleteLifecycleHook(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const hook = parameters.required('LifecycleHookName');
  const name = parameters.required('AutoScalingGroupName');
  const group = groupOf(context, name);
  if (!group.hooks.delete(hook)) {
    throw validationError(`No Lifecycle Hook found with name ${hook} for Auto Scaling group ${name}.`);
  }
  for (const { actions } of group.instances.values()) {
    for (const action of actions) if (action.hook === hook) action.result ??= 'CONTINUE';
  }
  return {};
}

export function describeLifecycleHooks(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const group = groupOf(context, parameters.required('AutoScalingGroupName'));
  const names = parameters.texts('LifecycleHookNames') ?? [];
  const hooks = [...group.hooks.values()].filter((hook) => names.length === 0 || names.includes(hook.name));
  return {
    LifecycleHooks: hooks.map((hook) => ({
      LifecycleHookName: hook.name,
      AutoScalingGroupName: group.name,
      LifecycleTransition: hook.transition,
      NotificationTargetARN: hook.notificationTargetArn,
      RoleARN: hook.roleArn,
      NotificationMetadata: hook.notificationMetadata,
      HeartbeatTimeout: hook.heartbeatTimeout,
      GlobalTimeout: globalTimeout(hook.heartbeatTimeout),
      DefaultResult: hook.defaultResult,
    })),
  };
}

export function completeLifecycleAction(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const result = parameters.text('LifecycleActionResult', { oneOf: results });
  parameters.check();
  const action = waitingAction(context, parameters);
  action.result = result === 'CONTINUE' ? 'CONTINUE' : 'ABANDON';
  return {};
}

export function recordLifecycleActionHeartbeat(context: FleetContext, call: ApiCall): object {
  const action = waitingAction(context, new Parameters(call.parameters));
  action.deadline = context.clock.now() + action.heartbeatTimeout * 1000;
  return {};
}

/** The action that a request means, by token or by instance. @throws ApiError ValidationError when none waits */
function waitingAction(context: FleetContext, parameters: Parameters): LifecycleAction {
  const hook = parameters.required('LifecycleHookName');
  const name = parameters.required('AutoScalingGroupName');
  const token = parameters.text('LifecycleActionToken');
  const instanceId = parameters.text('InstanceId');
  const group = groupOf(context, name);
  for (const instance of group.instances.values()) {
    if (instanceId !== undefined && instance.id !== instanceId) continue;
    if (!instance.lifecycle.endsWith(':Wait')) continue;
    const action = instance.actions.find(
      (candidate) => candidate.hook === hook && (token === undefined || candidate.token === token),
    );
    if (action && action.result === undefined && (token !== undefined || instanceId !== undefined))
      return action;
  }
  throw validationError(
    token === undefined
      ? `No active Lifecycle Action found with instance ID ${instanceId ?? ''}`
      : `No active Lifecycle Action found with token ${token}`,
  );
}
