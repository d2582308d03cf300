import { describe, expect, it } from '@jest/globals';
import {
  checked,
  checkStarted,
  deregistered,
  describeTarget,
  drained,
  registered,
  type CheckOutcome,
  type Target,
} from '../../../local-cloud/load-balancer/target-state.ts';

const ok: CheckOutcome = { ok: true };
const bad: CheckOutcome = {
  ok: false,
  reason: 'Target.ResponseCodeMismatch',
  description: 'Health checks failed with these codes: [503]',
};
const slow: CheckOutcome = { ok: false, reason: 'Target.Timeout', description: 'Request timed out' };
const thresholds = { healthyThreshold: 3, unhealthyThreshold: 2 };
const used = { inUse: true };

function after(...outcomes: CheckOutcome[]): Target {
  return outcomes.reduce((target, outcome) => checked(target, outcome, thresholds), checkStarted(registered));
}

describe('health checks', () => {
  it.each<[string, CheckOutcome[], string, string | undefined]>([
    ['nothing seen yet', [], 'initial', 'Elb.InitialHealthChecking'],
    ['one success makes a new target healthy', [ok], 'healthy', undefined],
    ['one failure leaves a new target initial', [bad], 'initial', 'Elb.InitialHealthChecking'],
    ['a failure, then a success', [bad, ok], 'healthy', undefined],
    ['failures up to the threshold', [bad, bad], 'unhealthy', 'Target.ResponseCodeMismatch'],
    ['a healthy target survives one failure', [ok, bad], 'healthy', undefined],
    ['failures must be consecutive', [ok, bad, ok, bad], 'healthy', undefined],
    ['a healthy target fails', [ok, bad, slow], 'unhealthy', 'Target.Timeout'],
    ['the latest failure is the reason', [bad, bad, slow], 'unhealthy', 'Target.Timeout'],
    [
      'one success does not make it healthy again',
      [bad, bad, ok],
      'unhealthy',
      'Target.ResponseCodeMismatch',
    ],
    [
      'nor do successes with a failure between',
      [bad, bad, ok, ok, bad, ok],
      'unhealthy',
      'Target.ResponseCodeMismatch',
    ],
    ['the healthy threshold does', [bad, bad, ok, ok, ok], 'healthy', undefined],
  ])('%s', (_, outcomes, state, reason) => {
    const described = describeTarget(after(...outcomes), used);
    expect(described.state).toBe(state);
    expect(described.reason).toBe(reason);
  });

  it('says that registration is in progress until the first check', () => {
    expect(describeTarget(registered, used)).toEqual({
      state: 'initial',
      reason: 'Elb.RegistrationInProgress',
      description: 'Target registration is in progress',
    });
  });

  it('gives a healthy target neither reason nor description', () => {
    expect(describeTarget(after(ok), used)).toEqual({ state: 'healthy' });
  });
});

describe('draining', () => {
  const draining = deregistered(after(ok), 10_000);

  it('is not changed by health checks, nor begun anew', () => {
    expect(checked(draining, bad, thresholds)).toEqual(draining);
    expect(deregistered(draining, 99_000)).toEqual(draining);
    expect(describeTarget(draining, { inUse: false, instanceState: 'stopped' })).toEqual({
      state: 'draining',
      reason: 'Target.DeregistrationInProgress',
      description: 'Target deregistration is in progress',
    });
  });

  it.each<[number, number, boolean]>([
    [10_000, 0, true],
    [10_001, 1, false],
    [39_999, 4, false],
    [40_000, 4, true],
  ])('at %i ms with %i in flight is over: %p', (now, inFlight, over) => {
    expect(drained(draining, now, inFlight, 30)).toBe(over);
  });

  it('never ends for a target that is not draining', () => {
    expect(drained(after(ok), 1e12, 0, 0)).toBe(false);
  });
});

describe('targets that get no traffic', () => {
  it('are unused while no listener forwards to their group', () => {
    expect(describeTarget(after(ok), { inUse: false })).toMatchObject({
      state: 'unused',
      reason: 'Target.NotInUse',
    });
  });

  it('are unused when their instance does not run', () => {
    expect(describeTarget(after(ok), { inUse: true, outOfZone: true })).toEqual({
      state: 'unused',
      reason: 'Target.NotInUse',
      description: 'Target is in an Availability Zone that is not enabled for the load balancer',
    });
    expect(describeTarget(after(ok), { inUse: true, instanceState: 'stopped' })).toEqual({
      state: 'unused',
      reason: 'Target.InvalidState',
      description: 'Target is in the stopped state',
    });
  });
});
