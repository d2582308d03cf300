import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobVariables, prepareJob } from '../../src/terraform/job-variables.ts';
import { fakeRun } from '../support/fake-run.ts';
import { temporaryFolder } from '../support/folders.ts';

const names = ['TF_PLUGIN_CACHE_DIR', 'TF_LOG'];

afterEach(() => {
  for (const name of names) Reflect.deleteProperty(process.env, name);
});

describe('what the job says to Terraform', () => {
  it('has its folder for plugins, and is told what it loses', async () => {
    const { run, warnings } = fakeRun('http://127.0.0.1:1');
    const workspace = temporaryFolder('workspace');
    const job = { ...run, github: { ...run.github, workspace } };
    Object.assign(process.env, { TF_PLUGIN_CACHE_DIR: 'a/b', TF_LOG: 'trace' });
    await prepareJob(job);
    expect(existsSync(join(workspace, 'a/b'))).toBe(true);
    expect(jobVariables(job)).toMatchObject({
      TF_PLUGIN_CACHE_DIR: join(workspace, 'a/b'),
      TF_LOG: undefined,
    });
    expect(warnings).toEqual([expect.stringContaining('TF_LOG is not handed to Terraform')]);
  });

  it('is refused where that folder can’t be made', async () => {
    const { run } = fakeRun('http://127.0.0.1:1');
    const workspace = temporaryFolder('workspace');
    writeFileSync(join(workspace, 'a'), '');
    process.env.TF_PLUGIN_CACHE_DIR = 'a/b';
    await expect(prepareJob({ ...run, github: { ...run.github, workspace } })).rejects.toMatchObject({
      reason: 'input-invalid',
      message: expect.stringContaining('TF_PLUGIN_CACHE_DIR'),
    });
  });
});
