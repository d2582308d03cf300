import { describe, expect, it } from '@jest/globals';
import { evaluatePush, pushedDigest } from '../../src/image/push.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('evaluatePush', () => {
  it.each([
    [
      "tag invalid: The image tag 'v1' already exists in the 'shop' repository and cannot be overwritten because the tag is immutable.",
      'immutable',
    ],
    [
      'denied: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ecr:InitiateLayerUpload',
      'final',
    ],
    ['no basic auth credentials', 'final'],
    ["name unknown: The repository with name 'shop' does not exist in the registry", 'final'],
    ['Put "https://x": net/http: TLS handshake timeout', 'transient'],
    ['read tcp 1.2.3.4: connection reset by peer', 'transient'],
    ['unexpected EOF', 'transient'],
    ['received unexpected HTTP status: 503 Service Unavailable', 'transient'],
    ['toomanyrequests: Rate exceeded', 'transient'],
    ['invalid reference format', 'final'],
    ['', 'final'],
  ])('%s', (output, kind) => {
    expect(evaluatePush(`layer: Pushed\n${output}\n`).kind).toBe(output === '' ? 'final' : kind);
  });

  it('reads the digest', () => {
    expect(pushedDigest(`v1: digest: ${digest} size: 1234\n`)).toBe(digest);
    expect(pushedDigest('pushed')).toBeUndefined();
  });
});
