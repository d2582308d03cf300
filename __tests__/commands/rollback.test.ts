import { describe, expect, it } from '@jest/globals';
import type { Environment } from '../../src/environment/environment.ts';
import { environmentOf, imageOfVersion, refresh } from '../environment/helpers.ts';
import { image, runMain, shop } from '../support/run-main.ts';

describe('rollback', () => {
  const good = (version: string) => refresh({ id: version, version, status: 'Successful' });
  const now = environmentOf([3, 3], { refreshes: [good('3'), good('2')] });
  const goBack = (inputs: Record<string, string> = {}, environment: Environment | undefined = now) =>
    runMain({ ...shop, command: 'rollback', ...inputs }, {}, false, { environment });

  it('goes to the last good version, with neither build nor Terraform', async () => {
    const run = await goBack();
    expect(run.exitCode).toBe(0);
    expect(run.story).toEqual(['credentials', 'look', 'version=2', 'rollout']);
    expect(run.told.at(-1)).toMatch(
      /^Rolled back shop in prod: version 2 \(image sha256:22222222…, commit 4444444\) runs on 1 instance again, at http/,
    );
    expect(run.outputs).toMatchObject({ status: 'deployed', image: imageOfVersion(2) });
  });

  it.each<[string, Record<string, string>, string]>([
    ['a version', { 'template-version': '1' }, 'version=1'],
    ['an image', { image: 'v1' }, 'version=1'],
  ])('goes to %s that is named', async (_what, inputs, story) => {
    const environment = { ...now, versions: now.versions.map((each) => ({ ...each })) };
    environment.versions[2]!.image = image.reference;
    expect((await goBack(inputs, environment)).story).toContain(story);
  });

  it('goes to what is left while a rollout waits for a person', async () => {
    const half = { ...good('3'), preferences: { CheckpointPercentages: [20] } };
    const run = await goBack({}, environmentOf([2, 2, 3], { refreshes: [half, good('2'), good('1')] }));
    expect(run.story).toContain('version=2');
  });

  it('goes to what a refresh under way replaces', async () => {
    const active = refresh({ id: 'r', version: '3', status: 'InProgress' });
    const run = await goBack({}, environmentOf([2, 3], { refreshes: [active, good('2'), good('1')] }));
    expect(run.story).toContain('version=2');
  });

  it.each<[string, number[], string]>([
    ['that AWS had saved as the good one', [3, 2], '3'],
    ['that never came to be the good one', [2, 3], '2'],
  ])('goes on with a way back from a version %s, and not forth again', async (_what, runs, saved) => {
    const active = refresh({ id: 'r', version: '2', status: 'InProgress' });
    const environment = environmentOf(runs, { refreshes: [active, good('2'), good('1')], saved });
    const run = await goBack({}, environment);
    expect(run.story).toContain('version=2');
    expect(run.told.join('\n')).toContain(
      'Rolling back to version 2: instance refresh r is bringing it back',
    );
  });

  it.each<[string, Record<string, string>, Environment | undefined, string, RegExp]>([
    ['nothing is deployed', {}, undefined, 'group-missing', /is not deployed/],
    [
      'there is no version before',
      {},
      environmentOf([1], { versions: 1 }),
      'preflight',
      /no version to go back to/,
    ],
    [
      'the group follows $Latest',
      {},
      environmentOf([3], { saved: '$Latest' }),
      'preflight',
      /no numbered version/,
    ],
    [
      'the version does not exist',
      { 'template-version': '9' },
      now,
      'input-invalid',
      /its newest are 3, 2, 1/,
    ],
    [
      'no version runs the image',
      { image: 'v1' },
      now,
      'image-missing',
      /no version of launch template lt-1 runs/,
    ],
  ])('touches nothing when %s', async (...row) => {
    const [, inputs, environment, reason, text] = row;
    const run = await runMain({ ...shop, command: 'rollback', ...inputs }, {}, false, { environment });
    expect(run.outputs['failure-reason']).toBe(reason);
    expect(run.told.at(-1)).toMatch(text);
    expect(run.told.at(-1)).toContain('Nothing was touched.');
    expect(run.story).toEqual(['credentials', 'look']);
  });

  it('restores an image that is archived before it goes there', async () => {
    const environment = { ...now, versions: now.versions.map((each) => ({ ...each })) };
    environment.versions[1]!.image = `archived/${imageOfVersion(2)}`;
    const run = await goBack({}, environment);
    expect(run.story).toEqual(['credentials', 'look', 'restore', 'version=2', 'rollout']);
  });

  it('touches nothing when the image is gone', async () => {
    const environment = { ...now, versions: now.versions.map((each) => ({ ...each })) };
    environment.versions[1]!.image = `gone/${imageOfVersion(2)}`;
    const run = await goBack({}, environment);
    expect(run.outputs['failure-reason']).toBe('image-missing');
    expect(run.story).not.toContain('rollout');
  });
});
