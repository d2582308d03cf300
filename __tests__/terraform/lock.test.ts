import { describe, expect, it } from '@jest/globals';
import { isLockFailure, lockFailure, parseLockInfo } from '../../src/terraform/lock.ts';

const lockDetail = `Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        7d1c6a5e-1111-2222-3333-444455556666
  Path:      bucket/shop/dev/terraform.tfstate
  Operation: OperationTypeApply
  Who:       runner@fv-az1
  Version:   1.11.4
  Created:   2026-11-22 20:00:00.123456789 +0000 UTC
  Info:      

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.`;

describe('a held lock', () => {
  it('is read from the Lock Info block', () => {
    expect(parseLockInfo(lockDetail)).toEqual({
      id: '7d1c6a5e-1111-2222-3333-444455556666',
      operation: 'OperationTypeApply',
      who: 'runner@fv-az1',
      version: '1.11.4',
      created: new Date('2026-11-22T20:00:00Z'),
    });
  });

  it.each([
    ['no block', 'the bucket is not there'],
    ['a block without id', 'Lock Info:\n  Who: a'],
  ])('is not seen in %s', (_name, detail) => {
    expect(parseLockInfo(detail)).toBeUndefined();
  });

  it('is told with owner, age, operation, id and how to release it', () => {
    const diagnostic = {
      severity: 'error' as const,
      summary: 'Error acquiring the state lock',
      detail: lockDetail,
    };
    expect(isLockFailure(diagnostic)).toBe(true);
    const backend = { bucket: 'b', lockTable: 'locks', stateKey: 'k', created: [] };
    const failure = lockFailure(diagnostic, backend, 'shop/dev/terraform.tfstate', {
      waited: 120,
      now: new Date('2026-11-22T20:12:05Z'),
      region: 'eu-north-1',
      here: { who: 'runner@fv-az1', since: new Date('2026-11-22T20:10:00Z') },
    });
    expect(failure.reason).toBe('state-locked');
    expect(failure.message).toContain('locked by runner@fv-az1, for 12 min 5 s, for apply');
    expect(failure.next).toContain('force-unlock 7d1c6a5e-1111-2222-3333-444455556666');
    expect(failure.next).toContain('-backend-config=dynamodb_table=locks');
    expect(failure.evidence.map(({ text }) => text)).toContain('2 min');
  });

  it.each([
    [
      'of this job, which got no answer',
      'runner@fv-az1',
      '2026-11-22T20:00:01Z',
      /no answer, and nobody will/,
    ],
    ['of a job before on this machine', 'runner@fv-az1', '2026-11-22T20:05:00Z', /^wait for the other run/],
    ['of another machine', 'kim@laptop', '2026-11-22T19:00:00Z', /^wait for the other run/],
  ])('%s', (_, who, since, next) => {
    const failure = lockFailure(
      { severity: 'error', summary: 'Error acquiring the state lock', detail: lockDetail },
      { bucket: 'b', lockTable: 'locks', stateKey: 'k', created: [] },
      'shop/dev/terraform.tfstate',
      { waited: 0, now: new Date(), region: 'eu-north-1', here: { who, since: new Date(since) } },
    );
    expect(failure.next).toMatch(next);
    expect(failure.next).toContain('force-unlock 7d1c6a5e-1111-2222-3333-444455556666');
  });

  it('is not confused with a lock that can not be written', () => {
    expect(
      isLockFailure({ severity: 'error', summary: 'Error acquiring the state lock', detail: 'AccessDenied' }),
    ).toBe(false);
  });
});
