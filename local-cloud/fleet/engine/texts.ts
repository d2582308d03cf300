/**
 * The sentences of scaling activities and refreshes, as AWS writes them: dates without milliseconds, sentences of a
 * Cause joined by two spaces. Texts that are not known from AWS are marked as ours.
 */
import type { UnhealthyBecause } from './state.ts';

/** 2026-01-31T12:00:00Z */
export const stamp = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Joins what there is to say with two spaces, as AWS does. */
export const sentences = (...parts: (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('  ');

const outOfService: Record<UnhealthyBecause, string> = {
  'ec2-stopped': 'an EC2 health check that indicated it had been terminated or stopped.',
  elb: 'an ELB system health check failure.',
  user: 'a user health-check.',
};

/** Causes of scaling activities; times are milliseconds since the epoch. */
export const causes = {
  refreshTerminated: (at: number, id: string): string =>
    sentences(
      `At ${stamp(at)} an instance was taken out of service in response to an instance refresh.`,
      `At ${stamp(at)} instance ${id} was selected for termination.`,
    ),
  refreshLaunched: (at: number): string =>
    `At ${stamp(at)} an instance was launched in response to an instance refresh.`,
  unhealthy: (at: number, why: UnhealthyBecause): string =>
    `At ${stamp(at)} an instance was taken out of service in response to ${outOfService[why]}`,
  launchFailed: (at: number): string =>
    `At ${stamp(at)} an instance was taken out of service in response to a launch failure.`,
  unhealthyReplaced: (at: number): string =>
    `At ${stamp(at)} an instance was launched in response to an unhealthy instance needing to be replaced.`,
  grow: (at: number, from: number, to: number): string =>
    `At ${stamp(at)} an instance was started in response to a difference between desired and actual capacity, ` +
    `increasing the capacity from ${from} to ${to}.`,
  shrink: (at: number, from: number, to: number): string =>
    `At ${stamp(at)} an instance was taken out of service in response to a difference between desired and actual ` +
    `capacity, shrinking the capacity from ${from} to ${to}.`,
  selected: (at: number, id: string): string =>
    `At ${stamp(at)} instance ${id} was selected for termination.`,
  created: (at: number, desired: number): string =>
    `At ${stamp(at)} a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desired}.`,
  updated: (at: number, size: { min: number; max: number; desired: number; from: number }): string =>
    `At ${stamp(at)} a user request update of AutoScalingGroup constraints to min: ${size.min}, max: ${size.max}, ` +
    `desired: ${size.desired} changing the desired capacity from ${size.from} to ${size.desired}.`,
  // AWS's words for a user's update; that a scheduled action has the same ones is assumed.
  scheduled: (at: number, size: { min: number; max: number; desired: number; from: number }): string =>
    `At ${stamp(at)} a scheduled action update of AutoScalingGroup constraints to min: ${size.min}, max: ` +
    `${size.max}, desired: ${size.desired} changing the desired capacity from ${size.from} to ${size.desired}.`,
  desiredSet: (at: number, from: number, to: number): string =>
    `At ${stamp(at)} a user request explicitly set group desired capacity changing the desired capacity ` +
    `from ${from} to ${to}.`,
  policyExecuted: (at: number, size: { policy: string; from: number; to: number }): string =>
    `At ${stamp(at)} a user request executed policy ${size.policy} changing the desired capacity ` +
    `from ${size.from} to ${size.to}.`,
  userTerminated: (at: number, id: string, shrink?: { from: number; to: number }): string =>
    `At ${stamp(at)} instance ${id} was taken out of service in response to a user request` +
    (shrink ? `, shrinking the capacity from ${shrink.from} to ${shrink.to}.` : '.'),
  toStandby: (at: number, id: string, shrink?: { from: number; to: number }): string =>
    `At ${stamp(at)} instance ${id} was moved to standby in response to a user request` +
    (shrink ? `, shrinking the capacity from ${shrink.from} to ${shrink.to}.` : '.'),
  fromStandby: (at: number, id: string, grow: { from: number; to: number }): string =>
    `At ${stamp(at)} instance ${id} was moved out of standby in response to a user request, ` +
    `increasing the capacity from ${grow.from} to ${grow.to}.`,
  lifetime: (at: number, id: string): string =>
    `At ${stamp(at)} an instance was taken out of service in response to its maximum instance lifetime.  ` +
    `At ${stamp(at)} instance ${id} was selected for termination.`,
  groupDeleted: (at: number): string =>
    `At ${stamp(at)} a user request deleted the AutoScalingGroup, taking its instances out of service.`,
};

/** Status reasons of an instance refresh. */
export const statusReasons = {
  warming: (id: string): string =>
    `Waiting for instances to warm up before continuing. For example: ${id} is warming up.`,
  insufficient: (id: string): string =>
    `Waiting for remaining instances to be available. For example: ${id} has insufficient data to evaluate its ` +
    'health with Amazon EC2.',
  remaining: 'Waiting for remaining instances to be available.',
  protected: (id: string): string =>
    `Waiting for remaining instances to be available. For example: ${id} is protected. ` +
    'Remove instance scale-in protection to continue.',
  cancelled: 'Cancelled due to user request.',
  cancelledAtOnce:
    'Cancelled without waiting for ongoing instance launches and terminations due to user request.',
  rollbackRequested: 'Rollback triggered due to user request.',
  // Ours: no text of AWS's is known for the following.
  standby: (id: string): string =>
    `Waiting for remaining instances to be available. For example: ${id} is in Standby.`,
  checkpoint: (percentage: number, until: number): string =>
    `Waiting at checkpoint ${percentage}% until ${stamp(until)}.`,
  baking: (until: number): string => `Baking until ${stamp(until)}.`,
  suspended: (processes: string[]): string =>
    `The instance refresh is waiting because of suspended processes: ${processes.join(', ')}.`,
  alarmUnknown: (name: string): string =>
    `Waiting for data: CloudWatch alarm ${name} is in INSUFFICIENT_DATA.`,
  alarm: (name: string): string => `The CloudWatch alarm ${name} went into ALARM state.`,
  stalled: 'The instance refresh made no progress for one hour.',
  tooLong: 'The instance refresh did not finish within 14 days.',
  noTemplate: 'The launch template version of the instance refresh can no longer be resolved.',
};

/** Status messages of scaling activities that failed or were cancelled. */
export const statusMessages = {
  // What failed is sometimes said already, and then it is not the launch itself.
  launchFailed: (reason: string): string =>
    reason.trim().endsWith(' failed.') ? reason.trim() : `${reason.trim()} Launching EC2 instance failed.`,
  abandoned: (token: string, timedOut: boolean): string =>
    `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${token} was abandoned: ` +
    (timedOut ? 'Heartbeat Timeout' : 'Lifecycle Action Completed with ABANDON Result'),
  diedWhilePending:
    'Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ' +
    'Client.InternalError: Client error on launch',
  allProtected:
    'Could not scale to desired capacity because all remaining instances are protected from scale-in.',
};
