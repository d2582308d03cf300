import { describe, expect, it } from '@jest/globals';
import { deniesPlainHttp, judgeBucket } from '../../src/state-backend/bucket-settings.ts';
import { tlsOnlyPolicy } from '../../src/state-backend/bucket.ts';
import { judgeTable } from '../../src/state-backend/table.ts';
import type { ObservedBucket } from '../../src/state-backend/bucket-settings.ts';
import type { ObservedTable } from '../../src/state-backend/table.ts';

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

describe('judgeBucket', () => {
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
    const verdict = judgeBucket(
      bucket,
      { ...good, ...changed },
      { region: 'eu-north-1', defaultName: 'default' },
    );
    expect(verdict.action).toBe(action);
    if (verdict.action === 'use') expect(verdict.deviations).toHaveLength(deviations);
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

describe('judgeTable', () => {
  const table: ObservedTable = {
    arn: 'arn',
    status: 'ACTIVE',
    keys: ['LockID HASH S'],
    deletionProtected: true,
    pointInTimeRecovery: true,
    tags: {},
  };
  it.each<[string, Partial<ObservedTable>, string, number]>([
    ['a good one', {}, 'use', 0],
    ['one that is being made', { status: 'CREATING' }, 'use', 0],
    ['one that is being deleted', { status: 'DELETING' }, 'refuse', 0],
    ['a sort key', { keys: ['LockID HASH S', 'at RANGE N'] }, 'refuse', 0],
    ['a numeric key', { keys: ['LockID HASH N'] }, 'refuse', 0],
    ['a key of another case', { keys: ['LockId HASH S'] }, 'refuse', 0],
    ['one that a run began', { tags: begun, pointInTimeRecovery: false }, 'complete', 0],
    ['one without any protection', { deletionProtected: false, pointInTimeRecovery: false }, 'use', 2],
    ['one whose recovery can not be read', { pointInTimeRecovery: undefined, tags: undefined }, 'use', 0],
  ])('%s', (_name, changed, action, deviations) => {
    const verdict = judgeTable('locks', { ...table, ...changed });
    expect(verdict.action).toBe(action);
    if (verdict.action === 'use') expect(verdict.deviations).toHaveLength(deviations);
  });
});
