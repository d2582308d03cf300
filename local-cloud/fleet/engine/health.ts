/** Health: what is seen of an instance, whether it is marked Unhealthy, and what is done about it. */
import { capacityRange, type HealthyPercentages } from './capacity-range.ts';
import { beginTermination } from './lifecycle.ts';
import {
  countsAsCapacity,
  type Group,
  groupWarmup,
  type Instance,
  isPending,
  type Step,
  type UnhealthyBecause,
} from './state.ts';
import { causes } from './texts.ts';

const usesLoadBalancer = (group: Group): boolean => group.settings.healthCheckType.split(',').includes('ELB');

/**
 * True when an instance is in service, healthy by the group's health check types and warmed up: what a refresh
 * counts. With ELB checks the instance must be healthy (or unused, where nothing sends traffic) in every target
 * group; that a failing target is held against it during the grace period too is assumed.
 * @param warmup seconds after InService
 */
export function isAvailable(step: Step, group: Group, instance: Instance, warmup: number): boolean {
  if (instance.lifecycle !== 'InService' || instance.health !== 'Healthy') return false;
  if (step.now < (instance.inServiceAt ?? step.now) + warmup * 1000) return false;
  if (step.seen.instance(instance.id) !== 'running') return false;
  return !usesLoadBalancer(group) || passesTargetChecks(step, group, instance);
}

function passesTargetChecks(step: Step, group: Group, instance: Instance): boolean {
  for (const targetGroupArn of group.targetGroups.keys()) {
    const state = step.seen.targets(targetGroupArn)?.get(instance.id)?.state;
    if (state !== 'healthy' && state !== 'unused') return false;
  }
  return true;
}

/**
 * Marks instances Unhealthy. EC2 state counts at once. A load balancer's word counts only when the group's health
 * check type has ELB, after the grace period, and once some instance has ever passed in that target group; one
 * target group that says unhealthy is enough. AWS checks periodically, here every step does.
 */
export function checkHealth(step: Step, group: Group): void {
  const inService = [...group.instances.values()].filter((instance) => instance.lifecycle === 'InService');
  for (const [targetGroupArn, state] of group.targetGroups) {
    if (state === 'InService') continue;
    const targets = step.seen.targets(targetGroupArn);
    if (inService.some((instance) => targets?.get(instance.id)?.state === 'healthy')) {
      group.targetGroups.set(targetGroupArn, 'InService');
    }
  }
  if (group.suspended.has('HealthCheck')) return;
  const failing: Instance[] = [];
  for (const instance of inService) {
    if (instance.health === 'Unhealthy') continue;
    if (step.seen.instance(instance.id) !== 'running') mark(instance, 'ec2-stopped');
    else if (usesLoadBalancer(group) && failsTargetChecks(step, group, instance)) failing.push(instance);
  }
  for (const instance of failing.slice(0, allowance(group, inService.length, failing.length))) {
    mark(instance, 'elb');
  }
}

/** When everything looks unhealthy, a tenth is replaced at a time: more likely the check is wrong than all hosts. */
function allowance(group: Group, inService: number, failing: number): number {
  if (failing < inService || inService < 2) return failing;
  const onTheWay = [...group.instances.values()].filter(
    (instance) => isPending(instance) || instance.unhealthyBecause === 'elb',
  ).length;
  return Math.max(0, Math.max(1, Math.floor(inService / 10)) - onTheWay);
}

function failsTargetChecks(step: Step, group: Group, instance: Instance): boolean {
  const graceEnds = (instance.inServiceAt ?? step.now) + group.settings.healthCheckGracePeriod * 1000;
  if (step.now < graceEnds) return false;
  for (const [targetGroupArn, attachment] of group.targetGroups) {
    if (attachment !== 'InService') continue;
    if (step.seen.targets(targetGroupArn)?.get(instance.id)?.state === 'unhealthy') return true;
  }
  return false;
}

function mark(instance: Instance, because: UnhealthyBecause): void {
  instance.health = 'Unhealthy';
  instance.unhealthyBecause = because;
}

/** Takes Unhealthy instances out; capacity.ts launches what is then missing. */
export function replaceUnhealthy(step: Step, group: Group): void {
  if (group.suspended.has('ReplaceUnhealthy') || group.suspended.has('Terminate')) return;
  for (const instance of group.instances.values()) {
    if (instance.lifecycle !== 'InService' || instance.health === 'Healthy') continue;
    if (isHeld(step, group, instance)) continue;
    const why = instance.unhealthyBecause ?? 'user';
    group.launchReasons.push('unhealthy');
    beginTermination(step, group, instance, { cause: causes.unhealthy(step.now, why) });
  }
}

/**
 * With an instance maintenance policy, an unhealthy instance that still runs stays until enough others serve (AWS
 * documents that the policy covers health check replacements; the order of the details is assumed). When the
 * maximum is reached and nothing is on its way any more, waiting would help nobody, so it goes.
 */
export function isHeld(step: Step, group: Group, instance: Instance): boolean {
  const policy = group.settings.instanceMaintenancePolicy;
  if (policy === undefined || instance.health === 'Healthy') return false;
  if (step.seen.instance(instance.id) !== 'running') return false;
  const warmup = groupWarmup(group.settings);
  const desired = group.settings.desiredCapacity;
  const members = [...group.instances.values()].filter(countsAsCapacity);
  const serving = members.filter((member) => isAvailable(step, group, member, warmup)).length;
  if (serving >= capacityRange(desired, policy).least) return false;
  const ceiling = desired + roomOnTop(desired, policy);
  const settled = members.every((member) => member.health === 'Unhealthy');
  return !(members.length >= ceiling && settled);
}

/** How many more instances than desired the policy allows while unhealthy ones are held. */
export function heldInstances(step: Step, group: Group): number {
  const policy = group.settings.instanceMaintenancePolicy;
  if (policy === undefined) return 0;
  const members = [...group.instances.values()].filter(countsAsCapacity);
  const unhealthy = members.filter((member) => member.health === 'Unhealthy');
  const held = unhealthy.filter((instance) => isHeld(step, group, instance)).length;
  return Math.min(held, roomOnTop(group.settings.desiredCapacity, policy));
}

/** At least one, as in a refresh that may neither go below nor over the desired capacity. */
const roomOnTop = (desired: number, policy: HealthyPercentages): number =>
  Math.max(1, (capacityRange(desired, policy).most ?? desired) - desired);
