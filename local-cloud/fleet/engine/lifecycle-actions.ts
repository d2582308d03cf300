/** Lifecycle hooks at work: the actions that hold an instance until they are answered or time out. */
import type { Group, Instance, LifecycleAction, LifecycleTransition, Step } from './state.ts';

/** A lifecycle action ends after 48 hours or 100 heartbeats, whichever is less (PutLifecycleHook, GlobalTimeout). */
export const globalTimeout = (heartbeatTimeout: number): number => Math.min(172_800, 100 * heartbeatTimeout);

/** Begins the hooks of a transition on one instance. @returns false when the group has none */
export function startActions(
  step: Step,
  group: Group,
  instance: Instance,
  kind: 'LAUNCHING' | 'TERMINATING',
): boolean {
  if (group.deleting) return false;
  const transition: LifecycleTransition = `autoscaling:EC2_INSTANCE_${kind}`;
  instance.actions = [...group.hooks.values()]
    .filter((hook) => hook.transition === transition)
    .map((hook) => ({
      hook: hook.name,
      token: step.state.newId('uuid'),
      heartbeatTimeout: hook.heartbeatTimeout,
      defaultResult: hook.defaultResult,
      deadline: step.now + hook.heartbeatTimeout * 1000,
      globalDeadline: step.now + globalTimeout(hook.heartbeatTimeout) * 1000,
    }));
  if (instance.actions.length === 0) return false;
  if (instance.activity) Object.assign(instance.activity, { statusCode: 'MidLifecycleAction', progress: 60 });
  return true;
}

/** 'waiting', the action that was abandoned, or undefined when every hook said to go on. */
export function decideActions(step: Step, instance: Instance): 'waiting' | LifecycleAction | undefined {
  for (const action of instance.actions) {
    if (action.result !== undefined || step.now < Math.min(action.deadline, action.globalDeadline)) continue;
    action.result = action.defaultResult;
    action.timedOut = true;
  }
  const abandoned = instance.actions.find((action) => action.result === 'ABANDON');
  if (abandoned) return abandoned;
  return instance.actions.some((action) => action.result === undefined) ? 'waiting' : undefined;
}
