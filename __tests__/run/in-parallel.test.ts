import { describe, expect, it } from '@jest/globals';
import { runInParallel } from '../../src/run/in-parallel.ts';
import type { Run } from '../../src/run/run.ts';

describe('runInParallel', () => {
  const run = { signal: new AbortController().signal } as Run;

  it('gives both results', async () => {
    expect(
      await runInParallel(
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
    await expect(runInParallel(run, slow, () => Promise.reject(new Error('first')))).rejects.toThrow('first');
    expect(story).toEqual(['interrupted', 'ended']);
  });
});
