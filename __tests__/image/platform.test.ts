import { describe, expect, it } from '@jest/globals';
import { platformNames } from '../../src/image/platform.ts';

describe('platformNames', () => {
  it.each([
    ['an image', [{ os: 'linux', architecture: 'arm64' }], ['linux/arm64']],
    [
      'an index with attestations',
      [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
        { os: 'unknown', architecture: 'unknown' },
      ],
      ['linux/amd64', 'linux/arm64'],
    ],
    ['a manifest that does not say', [{}], []],
  ])('reads %s', (_, platforms, expected) => {
    expect(platformNames(platforms)).toEqual(expected);
  });
});
