import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetProcessorShare, raiseProcessorShare } from '../../../local-cloud/setup/processor-share.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

describe('what the containers of an engine weigh together', () => {
  it('is that of sixteen programs with 1,024 shares, in control groups version 1', () => {
    mkdirSync(join(root, 'cpu'));
    raiseProcessorShare(root);
    expect(read('cpu', 'docker', 'cpu.shares')).toBe('16384');
  });

  it('is that of sixteen with 100, in version 2, where the group is handed the controller first', () => {
    writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu memory');
    raiseProcessorShare(root);
    expect(read('cgroup.subtree_control')).toBe('+cpu');
    expect(read('docker', 'cpu.weight')).toBe('1600');
  });

  it('is left as it is where control groups are not to be had', () => {
    raiseProcessorShare(join(root, 'nowhere'));
    expect(existsSync(join(root, 'nowhere'))).toBe(false);
  });

  it('goes with the engine, unless somebody else uses the group', () => {
    mkdirSync(join(root, 'cpu/docker'), { recursive: true });
    mkdirSync(join(root, 'docker/another'), { recursive: true });
    forgetProcessorShare(root);
    expect(existsSync(join(root, 'cpu/docker'))).toBe(false);
    expect(existsSync(join(root, 'docker/another'))).toBe(true);
  });
});
