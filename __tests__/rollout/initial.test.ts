import { describe, expect, it } from '@jest/globals';
import { healthyGroup } from './helpers/simulated-aws.ts';

describe('a group whose every instance runs the version', () => {
  it.each<[string, { applied?: boolean; minutes: number }, string]>([
    ['made by this run', { minutes: 10 }, 'first-deployment'],
    ['made by this run, which says so', { applied: true, minutes: 10 }, 'first-deployment'],
    [
      'made while this run, which applied nothing, was going on',
      { applied: false, minutes: 10 },
      'unchanged',
    ],
    ['made before this run', { minutes: 0 }, 'unchanged'],
  ])('%s', async (_, { minutes, ...tools }, status) => {
    const world = await healthyGroup({ instances: 2 });
    const runStartedAt = new Date(world.simulated.clock.now() - minutes * 60_000);
    expect((await world.rollOut(1, {}, { ...tools, runStartedAt })).status).toBe(status);
    expect(world.count('start')).toBe(0);
  });
});

describe("a new account's first launches", () => {
  it('may race the service-linked role that AWS makes for them', async () => {
    const role = 'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    const noCapacity =
      `Access denied when attempting to assume role arn:aws:iam::123456789012:${role}. ` +
      'Validating load balancer configuration failed.';
    const world = await healthyGroup({ instances: 2 });
    world.fault({ templateVersion: 2, noCapacity });
    world.after(45, () => world.simulated.clearFaults());
    const { status } = await world.rollOut(2);
    expect(status).toBe('successful');
    expect(await world.versions()).toEqual({ 2: 2 });
  });
});
