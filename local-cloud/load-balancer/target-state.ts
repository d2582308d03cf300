/**
 * One target's health as Elastic Load Balancing reports it, as a pure state machine: what was seen goes in, the
 * next state comes out. Time is what the caller says it is.
 * Rules: Elastic Load Balancing, "Health checks for Application Load Balancer target groups" and
 * "Deregistration delay"; reason codes: API TargetHealth.
 */

/** What one health check saw. */
export type CheckOutcome =
  | { ok: true }
  | {
      ok: false;
      reason: 'Target.ResponseCodeMismatch' | 'Target.Timeout' | 'Target.FailedHealthChecks';
      description: string;
    };

export interface Thresholds {
  healthyThreshold: number;
  unhealthyThreshold: number;
}

export type Target =
  | { phase: 'initial'; checking: boolean; failures: number }
  | { phase: 'healthy'; failures: number }
  | { phase: 'unhealthy'; successes: number; reason: string; description: string }
  /** `since` in milliseconds. */
  | { phase: 'draining'; since: number };

/** A target that was just registered. */
export const registered: Target = { phase: 'initial', checking: false, failures: 0 };

/** The first health check is on its way. */
export function checkStarted(target: Target): Target {
  return target.phase === 'initial' && !target.checking ? { ...target, checking: true } : target;
}

/**
 * Takes one health check's outcome into account. A new target is healthy after one success; a target that was
 * unhealthy needs the threshold; checks of a draining target change nothing.
 */
export function checked(target: Target, outcome: CheckOutcome, thresholds: Thresholds): Target {
  switch (target.phase) {
    case 'draining':
      return target;
    case 'unhealthy': {
      if (!outcome.ok)
        return { ...target, successes: 0, reason: outcome.reason, description: outcome.description };
      const successes = target.successes + 1;
      if (successes >= thresholds.healthyThreshold) return { phase: 'healthy', failures: 0 };
      return { ...target, successes };
    }
    case 'initial':
    case 'healthy': {
      if (outcome.ok) return { phase: 'healthy', failures: 0 };
      const failures = target.failures + 1;
      if (failures < thresholds.unhealthyThreshold) return { ...target, failures };
      return {
        phase: 'unhealthy',
        successes: 0,
        reason: outcome.reason,
        description: outcome.description,
      };
    }
  }
}

/** Deregistration begins: no new request from now on. Draining again does not start the delay anew. */
export function deregistered(target: Target, now: number): Target {
  return target.phase === 'draining' ? target : { phase: 'draining', since: now };
}

/**
 * Whether a draining target is done with: nothing is in flight, or the deregistration delay is over.
 * AWS stops using the target at the same moment but goes on showing it as draining until the delay is over; here
 * it disappears at once, because nobody's deployment gains anything from the wait.
 */
export function drained(target: Target, now: number, inFlight: number, delaySeconds: number): boolean {
  if (target.phase !== 'draining') return false;
  return inFlight === 0 || now - target.since >= delaySeconds * 1000;
}

/** What DescribeTargetHealth says about it. */
export interface Described {
  state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining';
  reason?: string;
  description?: string;
}

/** Where a target's group and instance stand; both come before what health checks say. */
export interface Surroundings {
  /** A listener forwards to the target group. */
  inUse: boolean;
  /** The target is in a zone that the load balancer does not send requests to. */
  outOfZone?: boolean;
  /** Set when the instance can't be a target: `stopped`, `terminated`. */
  instanceState?: string;
}

/**
 * A target that no health check is sent to, in the API's words.
 * @param groupInUse a listener forwards to the group: then it is the target's zone that is not enabled
 */
export function notInUse(groupInUse: boolean): Described & { state: 'unused' } {
  const description = groupInUse
    ? 'Target is in an Availability Zone that is not enabled for the load balancer'
    : 'Target group is not configured to receive traffic from the load balancer';
  return { state: 'unused', reason: 'Target.NotInUse', description };
}

/** State, reason code and description, in the API's own words. */
export function describeTarget(target: Target, surroundings: Surroundings): Described {
  if (target.phase === 'draining')
    return {
      state: 'draining',
      reason: 'Target.DeregistrationInProgress',
      description: 'Target deregistration is in progress',
    };
  if (!surroundings.inUse || surroundings.outOfZone === true) return notInUse(surroundings.inUse);
  if (surroundings.instanceState !== undefined)
    return {
      state: 'unused',
      reason: 'Target.InvalidState',
      description: `Target is in the ${surroundings.instanceState} state`,
    };
  switch (target.phase) {
    case 'healthy':
      return { state: 'healthy' };
    case 'unhealthy':
      return { state: 'unhealthy', reason: target.reason, description: target.description };
    case 'initial':
      return target.checking
        ? {
            state: 'initial',
            reason: 'Elb.InitialHealthChecking',
            description: 'Initial health checks in progress',
          }
        : {
            state: 'initial',
            reason: 'Elb.RegistrationInProgress',
            description: 'Target registration is in progress',
          };
  }
}
