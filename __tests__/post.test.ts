import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post } from '../src/post.ts';
import type { Notice } from '../src/core/notice.ts';
import type { Toolkit } from '../src/github/actions-core.ts';

const rollout = JSON.stringify({ group: 'shop-prod', templateId: 'lt-1', version: 2, started: 1 });

function fakeToolkit(infos: string[], warnings: string[]): Toolkit {
  const nothing = () => undefined;
  return {
    info: (text) => void infos.push(text),
    warning: (text) => void warnings.push(String(text)),
    ...{ debug: nothing, error: nothing, notice: nothing, setSecret: nothing, setOutput: nothing },
    ...{ saveState: nothing, startGroup: nothing, endGroup: nothing },
    summary: { addRaw: () => ({ write: async () => undefined }) },
  };
}

async function runPost(
  state: { phase?: string; rollout?: string },
  name = 'asg-deploy-x',
  look?: () => Promise<Notice[]>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'post-test-'));
  try {
    const directory = join(folder, name);
    await mkdir(directory);
    await writeFile(join(directory, 'plan'), 'private');
    const warnings: string[] = [];
    const infos: string[] = [];
    const asked: string[] = [];
    const exitCode = await post(
      {
        RUNNER_TEMP: folder,
        'STATE_temporary-directory': directory,
        STATE_phase: state.phase ?? '',
        STATE_rollout: state.rollout ?? '',
        INPUT_APPLICATION: 'shop',
        INPUT_ENVIRONMENT: 'prod',
      },
      async () => fakeToolkit(infos, warnings),
      async (_environment, _toolkit, saved) => {
        asked.push(saved.phase || 'rollout');
        return (look ?? (async () => []))();
      },
    );
    return { exitCode, warnings, infos, asked, there: existsSync(directory) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const silent = () => Promise.reject(new Error('no answer'));

describe('post', () => {
  it('asks nothing after a run that ended by itself', async () => {
    const quiet = { exitCode: 0, warnings: [], infos: [], asked: [], there: false };
    expect(await runPost({})).toEqual(quiet);
    expect(await runPost({ phase: 'image' })).toEqual(quiet);
  });

  it('removes the folder of a killed run, and only a folder that is ours', async () => {
    expect((await runPost({ phase: 'image' })).there).toBe(false);
    expect((await runPost({ phase: 'image' }, 'somebody-elses')).there).toBe(true);
  });

  it.each(['backend', 'registry', 'infrastructure', 'destruction'])(
    'asks about the lock after %s',
    async (phase) => {
      expect((await runPost({ phase })).asked).toEqual([phase]);
    },
  );

  it('tells what AWS said, as loudly as it matters', async () => {
    const told: Notice[] = [
      { level: 'info', text: 'fine' },
      { level: 'warning', text: 'look' },
    ];
    expect(await runPost({ rollout }, undefined, async () => told)).toMatchObject({
      infos: ['fine'],
      warnings: ['look'],
    });
  });

  it.each([
    [
      { phase: 'rollout', rollout },
      /AWS does not answer.*rollback-instance-refresh --auto-scaling-group-name shop-prod/,
    ],
    [{ phase: 'infrastructure' }, /lock of its state may still be held.*force-unlock/],
  ])('says what may be left when AWS can not be asked: %j', async (state, text) => {
    const { warnings, exitCode } = await runPost(state, undefined, silent);
    expect(warnings).toEqual([expect.stringMatching(text)]);
    expect(exitCode).toBe(0);
  });

  it('does nothing when the run had not begun', async () => {
    await expect(post({})).resolves.toBe(0);
  });
});
