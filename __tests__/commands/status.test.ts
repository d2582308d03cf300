import { describe, expect, it } from '@jest/globals';
import { environmentOf, imageOfVersion, refresh } from '../environment/helpers.ts';
import { runMain, shop } from '../support/run-main.ts';

describe('status', () => {
  const good = (version: string) => refresh({ id: version, version, status: 'Successful' });
  const now = environmentOf([3, 3], { refreshes: [good('3'), good('2')] });

  it('shows what runs, and touches nothing', async () => {
    const run = await runMain({ ...shop, command: 'status' }, {}, true, { environment: now });
    expect(run.exitCode).toBe(0);
    expect(run.story).toEqual(['credentials', 'look']);
    expect(run.told).toContainEqual(expect.stringMatching(/3 +sha256:33333333… +4444444 +2 of 2 healthy/));
    expect(run.told.at(-1)).toBe('shop-prod: 2 of 2 instances serve.');
    expect(run.outputs).toMatchObject({
      status: 'reported',
      url: 'http://shop.example',
      image: imageOfVersion(3),
    });
    expect(JSON.parse(run.outputs.running ?? '')).toMatchObject({
      versions: [{ version: 3, healthy: 2 }],
      rollbackTarget: { version: 2 },
    });
    expect(run.summary).toContain('2 of 2 healthy');
  });

  it('says so when nothing is deployed', async () => {
    const run = await runMain({ ...shop, command: 'status' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'failure-reason': 'group-missing' } });
    expect(run.told.at(-1)).toContain('shop is not deployed to prod in eu-north-1');
  });
});
