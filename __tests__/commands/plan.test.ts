import { describe, expect, it } from '@jest/globals';
import type { FailureReason } from '../../src/core/errors.ts';
import { environmentOf, imageOfVersion, refresh } from '../environment/helpers.ts';
import { failing, image, runMain, shop } from '../support/run-main.ts';

describe('plan', () => {
  const good = (version: string) => refresh({ id: version, version, status: 'Successful' });
  const now = environmentOf([3, 3], { refreshes: [good('3'), good('2')] });

  it('plans with the image that runs, foresees the rollout of the next version, and changes nothing', async () => {
    const run = await runMain({ ...shop, command: 'plan' }, {}, false, { environment: now });
    expect(run.exitCode).toBe(0);
    expect(run.story).toEqual([
      ...['credentials', 'look', 'read only', `image=${imageOfVersion(3)}`, 'plan', 'foresee=4'],
    ]);
    expect(run.told.at(-1)).toMatch(
      /^Planned shop in prod: 1 to add, 0 to change, 0 to destroy; a rollout would take about 1 min 5 s. Nothing was touched/,
    );
    expect(run.outputs).toMatchObject({
      status: 'planned',
      'plan-summary': '{"add":1,"change":0,"destroy":0}',
    });
    expect(run.summary).toMatch(/Rollout forecast[^]*1 to add/);
  });

  it('plans the image that is named', async () => {
    const run = await runMain({ ...shop, command: 'plan', image: 'v1' }, {}, false, { environment: now });
    expect(run.story).toContain(`image=${image.reference}`);
  });

  it('says what a first deployment would make, and makes none of it', async () => {
    const run = await runMain({ ...shop, command: 'plan' }, {}, false, {
      missing: { bucket: 'b', lockTable: 't' },
    });
    expect(run.told).toContain('There is no state bucket b yet: the first deployment makes it');
    expect(run.told).toContain('There is no lock table t yet: the first deployment makes it');
    expect(run.story.slice(0, 4)).toEqual(['credentials', 'look', 'without state', 'read only']);
    expect(run.story).not.toContain('backend');
    expect(run.told.at(-1)).toContain('this would be the first deployment');
  });

  it.each<FailureReason>([
    'terraform-contract',
    'group-missing',
    // As for a rule of two groups that somebody has deleted.
    'preflight',
  ])('does not take what it can not read for a first deployment: %s', async (reason) => {
    const run = await runMain({ ...shop, command: 'plan' }, { look: failing(reason) });
    expect(run.told).toContain(`warning: ${reason} it was`);
    expect(run.told.at(-1)).toContain('how a rollout would go can not be said of what is there now');
    expect(run.exitCode).toBe(0);
  });

  it('foresees nothing of a strategy that the plan is yet to make', async () => {
    const inputs = { ...shop, command: 'plan', strategy: 'blue-green' };
    const run = await runMain(inputs, {}, false, { environment: now, blueGreen: true });
    expect(run.told.at(-1)).toContain('how a rollout would go can not be said of what is there now');
    expect(run.exitCode).toBe(0);
  });

  const refused = [
    { address: 'aws_lb.main', type: 'aws_lb', action: 'is destroyed', why: 'nobody reaches it' },
  ];

  it('says what deploy would refuse, in its last line and first in the summary', async () => {
    const run = await runMain({ ...shop, command: 'plan' }, {}, false, {
      environment: now,
      review: { refused },
    });
    expect(run.exitCode).toBe(0);
    expect(run.told.at(-1)).toContain('0 to destroy, and deploy would refuse that (1 finding); a rollout');
    expect(run.summary).toMatch(
      /deploy would refuse this plan:\*\*\n\n- aws\\_lb\.main is destroyed: nobody[^]*1 to add/,
    );
  });

  it.each(['deploy', 'redeploy'])('is what %s refuses, and applies nothing', async (command) => {
    const run = await runMain({ ...shop, command, image: 'v1' }, {}, false, { review: { refused } });
    expect(run.outputs['failure-reason']).toBe('plan-refused');
    expect(run.story).not.toContain('apply');
    expect(run.story).not.toContain('rollout');
    expect(run.told.join('\n')).toMatch(/allow-destroy: \|\n +aws_lb\.main\n/);
  });
});
