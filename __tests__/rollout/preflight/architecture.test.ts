import { describe, expect, it } from '@jest/globals';
import { cannotRun } from '../../../src/rollout/preflight/architecture.ts';

const intel = { type: 't3.micro', architectures: ['x86_64'] };
const old = { type: 't2.micro', architectures: ['i386', 'x86_64'] };
const graviton = { type: 't4g.micro', architectures: ['arm64'] };
const unheardOf = { type: 'x9.large', architectures: ['sparc'] };

describe('machines that can’t run an image', () => {
  it.each([
    ['one of its own architecture', ['linux/amd64'], [intel, old], []],
    ['one of another', ['linux/amd64'], [graviton], [graviton]],
    ['any of a mixed group', ['linux/arm64'], [graviton, intel], [intel]],
    ['an image for both', ['linux/amd64', 'linux/arm64'], [intel, graviton], []],
    ['an image that does not say', [], [intel], []],
    ['an architecture that nobody knows', ['linux/amd64'], [unheardOf], []],
  ])('%s', (_, platforms, machines, expected) => {
    expect(cannotRun(platforms, machines)).toEqual(expected);
  });
});
