import { describe, expect, it } from '@jest/globals';
import { cannotRun, remedyFor } from '../../../src/rollout/preflight/architecture.ts';

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

describe('what to do about an image that the instances can’t run', () => {
  it.each([
    ['nobody said what to build for', undefined, /^build for linux\/arm64 \(the input platform\); or choose/],
    ['something else was asked for', 'linux/amd64', /^build for linux\/arm64 /],
    [
      'just that was asked for',
      'linux/arm64',
      /^the input platform is linux\/arm64, and the Dockerfile did not/,
    ],
  ])('%s', (_, asked, expected) => {
    expect(remedyFor('linux/arm64', asked)).toMatch(expected);
  });
});
