import { describe, expect, it } from '@jest/globals';
import { redeploy } from '../../src/commands/redeploy.ts';
import type { CommandContext } from '../../src/commands/context.ts';
import type { Run } from '../../src/run/run.ts';

describe('redeploy', () => {
  it('needs an image when there is no commit', async () => {
    const run = { inputs: { image: undefined }, github: { sha: '' } } as Run;
    const stages = { currentCommit: async () => '' };
    await expect(redeploy({ run, stages } as unknown as CommandContext)).rejects.toMatchObject({
      reason: 'input-invalid',
    });
  });
});
