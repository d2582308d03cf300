import { describe, expect, it } from '@jest/globals';
import { environmentOf, refresh } from '../environment/helpers.ts';
import { runMain, shop } from '../support/run-main.ts';

describe('promote, of one group', () => {
  const half = {
    ...refresh({ id: 'half', version: '3', status: 'Successful' }),
    preferences: { CheckpointPercentages: [20] },
  };
  const active = (status: string) => refresh({ id: 'r', version: '3', status, percentage: 40 });
  const promote = (environment: ReturnType<typeof environmentOf>) =>
    runMain({ ...shop, command: 'promote' }, {}, false, { environment });

  it.each([
    ['waits for a person', environmentOf([2, 2, 3], { refreshes: [half] })],
    ['is partly replaced', environmentOf([2, 2, 3], { refreshes: [half], saved: '3' })],
    ['was left half-way', environmentOf([2, 3], { refreshes: [active('Cancelled')] })],
    ['is being refreshed', environmentOf([2, 3], { refreshes: [active('InProgress')] })],
  ])('goes on with the version where the group %s', async (_what, environment) => {
    const run = await promote(environment);
    expect(run.story).toEqual(['credentials', 'look', 'version=3', 'rollout']);
    expect(run.exitCode).toBe(0);
  });

  it.each([
    ['one version runs', environmentOf([2, 2], { refreshes: [] })],
    ['it is rolling back', environmentOf([2, 3], { refreshes: [active('RollbackInProgress')] })],
    ['it is being cancelled', environmentOf([2, 3], { refreshes: [active('Cancelling')] })],
  ])('is refused where %s', async (_what, environment) => {
    const run = await promote(environment);
    expect(run.story).not.toContain('rollout');
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'preflight' });
  });
});
