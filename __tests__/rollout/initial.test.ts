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
