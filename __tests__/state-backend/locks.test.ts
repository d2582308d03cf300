import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureBackend } from '../../src/state-backend/backend.ts';
import { lockNotice, lockOwner, parseLock, readLock } from '../../src/state-backend/locks.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';

/** As Terraform 1.11 writes it, to S3 and to the table alike. */
const text = JSON.stringify({
  ID: '0f3c',
  Operation: 'OperationTypeApply',
  Info: '',
  Who: 'runner@fv-1',
  Version: '1.11.4',
  Created: '2026-11-22T12:00:00.123456789Z',
  Path: 'b/shop/prod/terraform.tfstate',
});
const question = {
  bucket: 'b',
  key: 'shop/prod/terraform.tfstate',
  lockTable: 't',
  region: 'eu-north-1',
  started: Date.parse('2026-11-22T11:59:00Z'),
  who: 'runner@fv-1',
};

describe('parseLock', () => {
  it('reads what Terraform writes', () => {
    expect(parseLock(text)).toEqual({
      id: '0f3c',
      operation: 'OperationTypeApply',
      who: 'runner@fv-1',
      created: Date.parse('2026-11-22T12:00:00.123Z'),
    });
  });

  // The table also holds the digest of the state, which is no lock.
  it.each(['', 'd41d8cd9', '{}', '{"ID":""}'])('takes %j for none', (other) => {
    expect(parseLock(other)).toBeUndefined();
  });
});

describe('lockNotice', () => {
  it('says that none is held', () => {
    expect(lockNotice(undefined, question)).toEqual({
      level: 'info',
      text: expect.stringMatching(/^No lock is held on .*s3:\/\/b\/shop\/prod\/terraform.tfstate/),
    });
  });

  it('says how to release the one that this run holds', () => {
    expect(lockNotice(parseLock(text), question)).toEqual({
      level: 'warning',
      text: expect.stringMatching(
        /that was this run.*bucket=b .*region=eu-north-1 .*dynamodb_table=t && terraform force-unlock 0f3c$/,
      ),
    });
  });

  it.each([
    ['somebody else', { ...question, who: 'runner@fv-2' }],
    ['an earlier run on this machine', { ...question, started: Date.parse('2026-11-22T12:05:00Z') }],
  ])('leaves the lock of %s to its owner', (_who, asked) => {
    const told = lockNotice(parseLock(text), asked);
    expect(told).toEqual({ level: 'info', text: expect.stringMatching(/that is not this run/) });
    expect(told.text).not.toContain('force-unlock');
  });
});

it('lockOwner is user@host', () => {
  expect(lockOwner()).toMatch(/^[^@]+@[^@]+$/);
});

/** What is read of S3, DynamoDB and ECR on the wire. */
const bucket = 'asg-deploy-123456789012-eu-north-1';
const key = 'shop/dev/terraform.tfstate';
let aws: FakeAws;
let fake: FakeRun;
beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
});
afterEach(() => aws.close());

describe('readLock', () => {
  const lock = JSON.stringify({ ID: 'l-1', Operation: 'OperationTypeApply', Who: 'a@b', Created: '' });

  it('finds none where none is', async () => {
    expect(await readLock(fake.run, bucket, key)).toBeUndefined();
    await ensureBackend(fake.run);
    expect(await readLock(fake.run, bucket, key)).toBeUndefined();
  });

  it('finds the one in S3 and the one in the table', async () => {
    await ensureBackend(fake.run);
    const items = aws.tables.get('asg-deploy-locks')?.items;
    items?.set(`${bucket}/${key}`, { LockID: { S: `${bucket}/${key}` }, Info: { S: lock } });
    expect(await readLock(fake.run, bucket, key)).toMatchObject({ id: 'l-1', who: 'a@b' });
    items?.clear();
    aws.buckets.get(bucket)?.objects.set(`${key}.tflock`, Buffer.from(lock.replace('l-1', 'l-2')));
    expect(await readLock(fake.run, bucket, key)).toMatchObject({ id: 'l-2' });
  });
});
