/**
 * The life of one instance, from Pending to gone. Every function looks at what is seen now and moves the instance
 * as far as that allows; nothing here waits.
 */
import { beginActivity, endActivity } from './activities.ts';
import { decideActions, startActions } from './lifecycle-actions.ts';
import { pickAddress, pickSubnet } from './network.ts';
import {
  activeRefresh,
  type Group,
  type Instance,
  launchConfiguration,
  type LaunchReason,
  type LifecycleAction,
  type Step,
} from './state.ts';
import { causes, sentences, statusMessages } from './texts.ts';
import type { TemplateVersion } from './driver.ts';

/**
 * Starts one instance. When the template can't be resolved, a failed activity without an instance is all there is.
 * @param capacity the numbers that a "difference between desired and actual capacity" names
 */
export function launchInstance(
  step: Step,
  group: Group,
  reason: LaunchReason,
  capacity: { from: number; to: number },
): void {
  const { state, now } = step;
  const configuration = launchConfiguration(group);
  const template = step.seen.template(configuration.launchTemplate);
  const subnet = pickSubnet(group);
  const instance: Instance = {
    id: state.newId('instance'),
    group: group.name,
    availabilityZone: subnet.availabilityZone,
    subnetId: subnet.subnetId,
    privateIpAddress: pickAddress(subnet.cidrBlock, addressesIn(step, subnet.subnetId)),
    lifecycle: 'Pending',
    health: 'Healthy',
    protectedFromScaleIn: group.settings.newInstancesProtectedFromScaleIn,
    template: templateOf(template, configuration.mixedInstancesPolicy),
    launchedAt: now,
    accepted: false,
    launchReason: reason,
    actions: [],
  };
  const refresh = activeRefresh(group);
  if (refresh && refresh.status !== 'Cancelling' && refresh.status !== 'Pending') {
    instance.launchedBy = { refresh: refresh.id, rollback: refresh.status === 'RollbackInProgress' };
  }
  instance.activity = beginActivity(state, group, now, {
    description: 'Launching a new EC2 instance',
    cause: launchCause(step, group, reason, capacity),
    instance,
  });
  if (template === undefined) {
    const name =
      configuration.launchTemplate.LaunchTemplateId ?? configuration.launchTemplate.LaunchTemplateName;
    // The wording of EC2 for a template that is gone; that it is used for a launch is assumed.
    failLaunch(step, group, instance, `The specified launch template, ${name}, does not exist.`);
    return;
  }
  group.instances.set(instance.id, instance);
  step.effects.push({ do: 'launch', instanceId: instance.id, group: group.name, configuration });
}

function addressesIn(step: Step, subnetId: string): Set<string> {
  const used = new Set<string>();
  for (const group of step.state.groups.values()) {
    for (const instance of group.instances.values()) {
      if (instance.subnetId === subnetId) used.add(instance.privateIpAddress);
    }
  }
  return used;
}

/** What an instance is launched from, of a template version; a mixed instances policy has a word about the type. */
export function templateOf(
  template: TemplateVersion | undefined,
  policy: Record<string, unknown> | undefined,
): Instance['template'] {
  const types = overrideTypes(policy);
  return {
    id: template?.id ?? '',
    name: template?.name ?? '',
    version: template?.version ?? 0,
    instanceType: types[0] ?? template?.instanceType ?? '',
    imageId: template?.imageId ?? '',
  };
}

/** The instance types of a mixed instances policy, in its order; the engine launches the first of them. */
export function overrideTypes(policy: Record<string, unknown> | undefined): string[] {
  const overrides = (policy?.LaunchTemplate as { Overrides?: { InstanceType?: string }[] } | undefined)
    ?.Overrides;
  return (overrides ?? []).flatMap((override) => override.InstanceType ?? []);
}

function launchCause(
  step: Step,
  group: Group,
  reason: LaunchReason,
  capacity: { from: number; to: number },
): string {
  if (reason === 'refresh') return causes.refreshLaunched(step.now);
  if (reason === 'unhealthy') return causes.unhealthyReplaced(step.now);
  return sentences(group.capacityCause, causes.grow(step.now, capacity.from, capacity.to));
}

/** The launch came to nothing: its activity is Failed, and the next attempt waits longer each time. */
export function failLaunch(step: Step, group: Group, instance: Instance, reason: string): void {
  endActivity(instance.activity, step.now, 'Failed', statusMessages.launchFailed(reason));
  forget(step, group, instance);
}

function forget(step: Step, group: Group, instance: Instance): void {
  group.instances.delete(instance.id);
  group.launchReasons.unshift(instance.launchReason);
  if (step.now < group.retry.notBefore) return;
  // AWS tries again with growing spacing and does not publish it: 15 s, doubled each time, at most 15 minutes.
  const seconds = Math.min(15 * 2 ** group.retry.failures, 900);
  group.retry = { failures: group.retry.failures + 1, notBefore: step.now + seconds * 1000 };
}

/** Moves one instance as far along its lifecycle as what is seen allows. */
export function advanceInstance(step: Step, group: Group, instance: Instance): void {
  switch (instance.lifecycle) {
    case 'Pending':
    case 'Pending:Wait':
    case 'Pending:Proceed':
      advancePending(step, group, instance);
      return;
    case 'EnteringStandby':
      advanceToStandby(step, group, instance);
      return;
    case 'Terminating':
    case 'Terminating:Wait':
    case 'Terminating:Proceed':
      advanceTerminating(step, group, instance);
      return;
    case 'Terminating:Retained':
      forgetRetained(step, group, instance);
      return;
    case 'InService':
    case 'Standby':
    case 'Terminated':
  }
}

function advancePending(step: Step, group: Group, instance: Instance): void {
  const ec2 = step.seen.instance(instance.id);
  if (!instance.accepted) {
    if (ec2 === undefined) return;
    instance.accepted = true;
    Object.assign(instance.activity ?? {}, {
      description: `Launching a new EC2 instance: ${instance.id}`,
      statusCode: 'PreInService',
      progress: 30,
    });
  }
  if (ec2 === 'pending') return;
  if (ec2 !== 'running') {
    endActivity(instance.activity, step.now, 'Cancelled', statusMessages.diedWhilePending);
    step.effects.push({ do: 'terminate', instanceId: instance.id });
    forget(step, group, instance);
    return;
  }
  if (instance.lifecycle === 'Pending' && startActions(step, group, instance, 'LAUNCHING')) {
    instance.lifecycle = 'Pending:Wait';
    return;
  }
  if (instance.lifecycle === 'Pending:Wait') {
    const abandoned = decideActions(step, instance);
    if (abandoned === 'waiting') return;
    if (abandoned !== undefined) {
      abandonLaunch(step, group, instance, abandoned);
      return;
    }
    instance.lifecycle = 'Pending:Proceed';
    return;
  }
  enterService(step, group, instance);
}

function abandonLaunch(step: Step, group: Group, instance: Instance, action: LifecycleAction): void {
  const message = statusMessages.abandoned(action.token, action.timedOut === true);
  endActivity(instance.activity, step.now, 'Cancelled', message);
  group.launchReasons.unshift(instance.launchReason);
  beginTermination(step, group, instance, { cause: causes.launchFailed(step.now) });
}

/**
 * InService means registered, not passing: the load balancer's health is looked at later, if at all.
 * With AddToLoadBalancer suspended the instance is never registered, not even after the process is resumed.
 */
export function enterService(step: Step, group: Group, instance: Instance): void {
  instance.lifecycle = 'InService';
  instance.inServiceAt = step.now;
  instance.actions = [];
  endActivity(instance.activity, step.now, 'Successful');
  delete instance.activity;
  group.retry = { failures: 0, notBefore: 0 };
  if (group.suspended.has('AddToLoadBalancer')) return;
  for (const targetGroupArn of group.targetGroups.keys()) {
    step.effects.push({ do: 'register', targetGroupArn, instanceId: instance.id });
  }
}

function advanceToStandby(step: Step, group: Group, instance: Instance): void {
  if (isDraining(step, group, instance)) return;
  instance.lifecycle = 'Standby';
  endActivity(instance.activity, step.now, 'Successful');
  delete instance.activity;
}

/** Takes an instance out of the group: deregister, drain, terminate hooks, terminate. */
export function beginTermination(
  step: Step,
  group: Group,
  instance: Instance,
  why: { cause: string; replacedBy?: string },
): void {
  endActivity(instance.activity, step.now, 'Cancelled');
  // Assumed: the hooks of one that was retained are not asked again.
  instance.lifecycle = instance.lifecycle === 'Terminating:Retained' ? 'Terminating:Proceed' : 'Terminating';
  instance.actions = [];
  if (why.replacedBy !== undefined) instance.replacedBy = why.replacedBy;
  instance.activity = beginActivity(step.state, group, step.now, {
    description: `Terminating EC2 instance: ${instance.id}`,
    cause: why.cause,
    instance,
  });
  for (const targetGroupArn of group.targetGroups.keys()) {
    step.effects.push({ do: 'deregister', targetGroupArn, instanceId: instance.id });
  }
}

/**
 * Waits for the deregistration delay, then for the terminate hooks, then for EC2. That hooks come after draining,
 * and that an instance which never was InService has no terminate hooks, is assumed. An instance that no longer runs
 * is not waited for by the load balancer.
 */
function advanceTerminating(step: Step, group: Group, instance: Instance): void {
  const activity = instance.activity;
  const ec2 = step.seen.instance(instance.id);
  if (instance.lifecycle === 'Terminating') {
    // Deregistration was asked for in the step that began this; it shows in the next one.
    if (activity?.startTime === step.now && ec2 === 'running') return;
    if (ec2 === 'running' && isDraining(step, group, instance)) {
      if (activity) Object.assign(activity, { statusCode: 'WaitingForELBConnectionDraining', progress: 30 });
      return;
    }
    if (instance.inServiceAt !== undefined && startActions(step, group, instance, 'TERMINATING')) {
      instance.lifecycle = 'Terminating:Wait';
      return;
    }
    instance.lifecycle = 'Terminating:Proceed';
  }
  // CONTINUE and ABANDON both terminate; ABANDON does so without waiting for the other hooks.
  if (instance.lifecycle === 'Terminating:Wait') {
    const decision = decideActions(step, instance);
    if (!group.deleting && decision === 'waiting') return;
    if (!group.deleting && decision !== undefined && retains(group)) {
      retain(step, instance);
      return;
    }
    instance.lifecycle = 'Terminating:Proceed';
  }
  if (ec2 !== undefined && ec2 !== 'terminated') {
    if (activity) Object.assign(activity, { statusCode: 'InProgress', progress: 60 });
    step.effects.push({ do: 'terminate', instanceId: instance.id });
    return;
  }
  endActivity(activity, step.now, 'Successful');
  group.instances.delete(instance.id);
}

/** The group keeps instances whose terminate hook was abandoned (User Guide, "instance lifecycle policies"). */
function retains({ settings }: Group): boolean {
  const policy = settings.stored.InstanceLifecyclePolicy as
    { RetentionTriggers?: { TerminateHookAbandon?: string } } | undefined;
  return policy?.RetentionTriggers?.TerminateHookAbandon === 'retain';
}

/** It counts for nothing any more, and stays until somebody terminates it. Its activity is assumed to be over. */
function retain(step: Step, instance: Instance): void {
  instance.lifecycle = 'Terminating:Retained';
  endActivity(instance.activity, step.now, 'Successful');
  delete instance.activity;
}

function forgetRetained(step: Step, group: Group, instance: Instance): void {
  const ec2 = step.seen.instance(instance.id);
  if (ec2 === undefined || ec2 === 'terminated') group.instances.delete(instance.id);
}

function isDraining(step: Step, group: Group, instance: Instance): boolean {
  let draining = false;
  for (const targetGroupArn of group.targetGroups.keys()) {
    const target = step.seen.targets(targetGroupArn)?.get(instance.id);
    if (target === undefined) continue;
    draining = true;
    if (target.state !== 'draining') {
      step.effects.push({ do: 'deregister', targetGroupArn, instanceId: instance.id });
    }
  }
  return draining;
}
