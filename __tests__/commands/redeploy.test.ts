import { describe, expect, it } from '@jest/globals';
import { loadCommand } from '../../src/commands/registry.ts';
import { redeploy } from '../../src/commands/redeploy.ts';
import type { CommandContext } from '../../src/commands/context.ts';
import { sideBySide } from '../../src/run/in-parallel.ts';
import type { Run } from '../../src/run/run.ts';

describe('redeploy', () => {
  it('needs an image when there is no commit', async () => {
    const run = { inputs: { image: undefined }, github: { sha: '' } } as Run;
    await expect(redeploy({ run } as CommandContext)).rejects.toMatchObject({ reason: 'input-invalid' });
  });
});

describe('loadCommand', () => {
  it.each(['deploy', 'plan', 'redeploy', 'rollback', 'status', 'destroy'] as const)(
    'has %s',
    async (name) => {
      expect(await loadCommand(name)()).toBeInstanceOf(Function);
    },
  );
});

describe('sideBySide', () => {
  const run = { signal: new AbortController().signal } as Run;

  it('gives both results', async () => {
    expect(
      await sideBySide(
        run,
        async () => 1,
        async () => 'two',
      ),
    ).toEqual([1, 'two']);
  });

  it('throws the first failure after the other branch was interrupted and has ended', async () => {
    const story: string[] = [];
    const slow = ({ signal }: Run) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          story.push('interrupted');
          setTimeout(() => {
            story.push('ended');
            reject(new Error('interrupted'));
          }, 20);
        });
      });
    await expect(sideBySide(run, slow, () => Promise.reject(new Error('first')))).rejects.toThrow('first');
    expect(story).toEqual(['interrupted', 'ended']);
  });
});
