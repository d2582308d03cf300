import { describe, expect, it } from '@jest/globals';
import { deniesPlainHttp, evaluateBucket } from '../../src/state-backend/bucket-settings.ts';
import { tlsOnlyPolicy } from '../../src/state-backend/bucket.ts';
import type { ObservedBucket } from '../../src/state-backend/bucket-settings.ts';

const good: ObservedBucket = {
  region: 'eu-north-1',
  versioning: { value: 'Enabled' },
  encrypted: { value: true },
  publicAccessBlocked: { value: true },
  tlsOnly: { value: true },
  hasPolicy: { value: true },
  lifecycle: { value: true },
  tags: { value: { team: 'a' } },
};
const untouched: ObservedBucket = {
  ...good,
  versioning: { value: undefined },
  publicAccessBlocked: { value: false },
  tlsOnly: { value: false },
  hasPolicy: { value: false },
  lifecycle: { value: false },
  tags: { value: {} },
};
const begun = { 'managed-by': 'asg-deploy', 'asg-deploy:setup': 'in-progress' };
const finished = { ...begun, 'asg-deploy:setup': 'complete' };

describe('evaluateBucket', () => {
  it.each<[string, string, Partial<ObservedBucket>, string, number]>([
    ['a good one', 'mine', good, 'use', 0],
    ['one in another region', 'mine', { region: 'us-east-1' }, 'refuse', 0],
    ['one that a run began', 'mine', { ...untouched, tags: { value: begun } }, 'complete', 0],
    [
      'one that a run finished and someone weakened',
      'mine',
      { versioning: { value: 'Suspended' }, tags: { value: finished } },
      'use',
      1,
    ],
    ['an untouched one of the default name', 'default', untouched, 'complete', 0],
    ['an untouched one of another name', 'mine', untouched, 'use', 4],
    [
      'one of the default name with versions',
      'default',
      { ...untouched, versioning: { value: 'Enabled' } },
      'use',
      3,
    ],
    [
      'one of the default name with unreadable tags',
      'default',
      { ...untouched, tags: 'not allowed' },
      'use',
      4,
    ],
    ['one without encryption', 'mine', { encrypted: { value: false } }, 'use', 1],
  ])('%s', (...row) => {
    const [, bucket, changed, action, deviations] = row;
    const evaluation = evaluateBucket(
      bucket,
      { ...good, ...changed },
      { region: 'eu-north-1', defaultName: 'default' },
    );
    expect(evaluation.action).toBe(action);
    if (evaluation.action === 'use') expect(evaluation.deviations).toHaveLength(deviations);
  });
});

describe('deniesPlainHttp', () => {
  const statement = (changed: object) =>
    JSON.stringify({
      Statement: {
        Effect: 'Deny',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        ...changed,
      },
    });
  it.each([
    ['our own policy', tlsOnlyPolicy('b', 'aws-cn'), true],
    ['a single statement, everyone as AWS', statement({ Principal: { AWS: '*' } }), true],
    [
      'another case and a boolean',
      statement({ Condition: { Bool: { 'AWS:securetransport': false } } }),
      true,
    ],
    ['an allowance', statement({ Effect: 'Allow' }), false],
    ['one account only', statement({ Principal: { AWS: 'arn:aws:iam::1:root' } }), false],
    ['no policy', undefined, false],
  ])('%s', (_name, policy, expected) => {
    expect(deniesPlainHttp(policy)).toBe(expected);
  });
});
