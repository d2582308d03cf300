import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMirror, mirrorCandidates } from '../../../local-cloud/setup/terraform.ts';

const root = mkdtempSync(join(tmpdir(), 'asg-mirror-'));
const target = `${platform()}_${arch() === 'x64' ? 'amd64' : arch()}`;
const provider = 'registry.terraform.io/hashicorp/aws';

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('findMirror', () => {
  it('takes the first folder that has the provider for this machine', () => {
    mkdirSync(join(root, 'empty'));
    mkdirSync(join(root, 'other', provider, '5.100.0', 'plan9_mips'), { recursive: true });
    mkdirSync(join(root, 'right', provider, '5.100.0', target), { recursive: true });
    const candidates = ['absent', 'empty', 'other', 'right'].map((name) => join(root, name));
    expect(findMirror(candidates)).toEqual({ path: join(root, 'right'), versions: ['5.100.0'] });
    expect(findMirror(candidates.slice(0, 3))).toBeUndefined();
  });

  it('looks first where the user says, then where Terraform would', () => {
    const [first, second, third] = mirrorCandidates({
      TF_PLUGIN_CACHE_DIR: '/cache',
      XDG_DATA_HOME: '/data',
    });
    expect([first, third]).toEqual(['/cache', '/data/terraform/plugins']);
    expect(second).toMatch(/\/\.terraform\.d\/plugins$/);
  });
});
