import { describe, expect, it } from '@jest/globals';
import { loadCommand } from '../../src/commands/registry.ts';
import { redeploy } from '../../src/commands/redeploy.ts';
import type { CommandContext } from '../../src/commands/context.ts';
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
