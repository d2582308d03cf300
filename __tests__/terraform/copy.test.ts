import { describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyRoot } from '../../src/terraform/copy.ts';
import { temporaryFolder } from '../support/folders.ts';
import { writeRoot } from '../support/terraform-roots.ts';

const files = {
  'modules/service/main.tf': 'module',
  'infra/main.tf': 'root',
  'infra/.hidden/.config': 'hidden',
  'infra/lambda/node_modules/pad/index.js': 'pad',
  'infra/lambda/run.sh': 'run',
  'infra/network.tfstate': 'data',
  'infra/.git/HEAD': 'ref',
  'infra/.terraform/environment': 'blue',
  'infra/terraform.tfstate': '{}',
  'infra/terraform.tfstate.backup': '{}',
  'infra/errored.tfstate': '{}',
  'infra/examples/terraform.tfstate': 'example',
};

async function copied() {
  const top = writeRoot(files);
  const root = join(top, 'infra');
  chmodSync(join(root, 'lambda/run.sh'), 0o755);
  symlinkSync('lambda/run.sh', join(root, 'inside'));
  symlinkSync('../modules/service/main.tf', join(root, 'outside.tf'));
  symlinkSync('../../../modules', join(root, 'lambda/node_modules/up'));
  symlinkSync('nowhere', join(root, 'dangling'));
  const copy = await copyRoot(root, top, join(temporaryFolder('copy'), 'run', 'source'));
  return { root, copy, read: (name: string) => readFileSync(join(copy, name), 'utf8') };
}

describe('the copy of a root', () => {
  it('is whole, and its siblings are beside it', async () => {
    const { copy, read } = await copied();
    expect(read('main.tf')).toBe('root');
    expect(read('.hidden/.config')).toBe('hidden');
    expect(read('lambda/node_modules/pad/index.js')).toBe('pad');
    expect(read('network.tfstate')).toBe('data');
    expect(read('examples/terraform.tfstate')).toBe('example');
    expect(read('.git/HEAD')).toBe('ref');
    expect(read('../modules/service/main.tf')).toBe('module');
    expect(statSync(join(copy, 'lambda/run.sh')).mode & 0o777).toBe(0o755);
  });

  it('has links that lead where they did, within it to its own files', async () => {
    const { copy, root, read } = await copied();
    expect(read('outside.tf')).toBe('module');
    expect(read('lambda/node_modules/up/service/main.tf')).toBe('module');
    expect(lstatSync(join(copy, 'dangling')).isSymbolicLink()).toBe(true);
    writeFileSync(join(copy, 'inside'), 'changed');
    expect(readFileSync(join(root, 'lambda/run.sh'), 'utf8')).toBe('run');
  });

  it('leaves out what Terraform keeps for itself in the root’s own folder', async () => {
    const { copy } = await copied();
    for (const name of ['.terraform', 'terraform.tfstate', 'terraform.tfstate.backup', 'errored.tfstate'])
      expect(existsSync(join(copy, name))).toBe(false);
  });

  it('leaves itself out where the temporary folder is in the root', async () => {
    const root = writeRoot({ 'main.tf': 'root', 'tmp/run/plan': 'secret' });
    const copy = await copyRoot(root, root, join(root, 'tmp/run/source'));
    expect(readFileSync(join(copy, 'main.tf'), 'utf8')).toBe('root');
    expect(existsSync(join(copy, 'tmp/run'))).toBe(false);
  });
});
