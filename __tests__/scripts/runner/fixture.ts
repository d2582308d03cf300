import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const actionFile = `
name: fixture
inputs:
  who: { description: who, required: true }
  some thing: { description: with a space, default: 1.10 }
  keep-hyphen: { description: a hyphen, default: true }
  token: { description: a token, default: '\${{ github.token }}' }
runs: { using: node24, main: main.mjs, post: post.mjs }
`;

/** An action folder whose main and post entries are the given module texts. */
export async function writeAction(main: string, post = ''): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'action-fixture-'));
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'action.yml'), actionFile);
  await writeFile(join(directory, 'main.mjs'), main);
  await writeFile(join(directory, 'post.mjs'), post);
  return directory;
}
