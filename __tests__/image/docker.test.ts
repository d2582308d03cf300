import { describe, expect, it } from '@jest/globals';
import { decideBuilder, isDaemonUnreachable } from '../../src/image/docker.ts';

describe('decideBuilder', () => {
  it.each([
    ['28.2.2', true, '1'],
    ['28.2.2', false, '0'],
    ['20.10.24+dfsg1', false, '1'],
    ['23.0.0', false, '0'],
    ['18.06.1-ce', false, '0'],
    ['dev', false, '0'],
  ])('client %s, buildx %s', (clientVersion, buildx, expected) => {
    expect(decideBuilder({ clientVersion, buildx })).toBe(expected);
  });
});

it.each([
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?', true],
  ['permission denied while trying to connect to the Docker daemon socket', true],
  ['npm error: permission denied', false],
])('daemon unreachable: %s', (text, expected) => {
  expect(isDaemonUnreachable(text)).toBe(expected);
});
