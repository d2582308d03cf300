import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post } from '../src/post.ts';

async function runPost(phase: string, name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'post-test-'));
  try {
    const directory = join(folder, name);
    await mkdir(directory);
    await writeFile(join(directory, 'plan'), 'private');
    const warnings: string[] = [];
    const exitCode = await post(
      {
        RUNNER_TEMP: folder,
        'STATE_temporary-directory': directory,
        STATE_phase: phase,
        INPUT_APPLICATION: 'shop',
        INPUT_ENVIRONMENT: 'prod',
      },
      async () => ({ info: () => undefined, warning: (text) => void warnings.push(String(text)) }),
    );
    return { exitCode, warnings, there: existsSync(directory) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('post', () => {
  it('has nothing to say after a run that ended by itself', async () => {
    expect(await runPost('', 'asg-deploy-x')).toEqual({ exitCode: 0, warnings: [], there: false });
  });

  it('removes the folder of a killed run, and only a folder that is ours', async () => {
    expect((await runPost('image', 'asg-deploy-x')).there).toBe(false);
    expect((await runPost('image', 'somebody-elses')).there).toBe(true);
  });

  it.each([
    [
      'rollout',
      /instance refresh may still be running.*rollback-instance-refresh --auto-scaling-group-name shop-prod/,
    ],
    ['infrastructure', /lock of its state may still be held.*force-unlock/],
  ])('says what a run killed in %s may have left', async (phase, text) => {
    const { warnings } = await runPost(phase, 'asg-deploy-x');
    expect(warnings).toEqual([expect.stringMatching(text)]);
  });

  it('does nothing when the run had not begun', async () => {
    await expect(post({})).resolves.toBe(0);
  });
});
