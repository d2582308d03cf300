import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { ensureBackend } from '../../src/state-backend/backend.ts';
import { readLock } from '../../src/state-backend/locks.ts';
import { releasedNotice, releaseLock } from '../../src/state-backend/release.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';

const bucket = 'asg-deploy-123456789012-eu-north-1';
const lockTable = 'asg-deploy-locks';
const stateKey = 'shop/dev/terraform.tfstate';
const lock = { bucket, lockTable, stateKey, id: 'l-1' };
let aws: FakeAws;
let fake: FakeRun;
beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
  await ensureBackend(fake.run);
});
afterEach(() => aws.close());

const objects = () => aws.buckets.get(bucket)?.objects ?? new Map<string, Buffer>();
const items = () => aws.tables.get(lockTable)?.items ?? new Map<string, Record<string, unknown>>();
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

function given(where: { bucket?: string; table?: string; digest?: string }): void {
  const text = (ID: string) => JSON.stringify({ ID, Operation: 'OperationTypeApply', Who: 'a@b' });
  if (where.bucket !== undefined) objects().set(`${stateKey}.tflock`, Buffer.from(text(where.bucket)));
  const LockID = { S: `${bucket}/${stateKey}` };
  if (where.table !== undefined) items().set(LockID.S, { LockID, Info: { S: text(where.table) } });
  const ofDigest = { S: `${LockID.S}-md5` };
  if (where.digest !== undefined) items().set(ofDigest.S, { LockID: ofDigest, Digest: { S: where.digest } });
}

describe('releaseLock', () => {
  it.each([
    ['in the bucket and in the table', { bucket: 'l-1', table: 'l-1' }],
    ['in the bucket, before its owner came to the table', { bucket: 'l-1' }],
    ['in the table, when its owner had left the bucket', { table: 'l-1' }],
  ])('takes away what is held %s', async (_, held) => {
    given(held);
    expect(await releaseLock(fake.run, lock)).toBe(true);
    expect(await readLock(fake.run, bucket, stateKey)).toBeUndefined();
  });

  it.each([
    ['in both', { bucket: 'l-2', table: 'l-2' }],
    ['in the table alone', { table: 'l-2' }],
  ])('leaves another’s %s', async (_, held) => {
    given(held);
    expect(await releaseLock(fake.run, lock)).toBe(false);
    expect(await readLock(fake.run, bucket, stateKey)).toMatchObject({ id: 'l-2' });
  });

  it('leaves another’s in the table', async () => {
    given({ bucket: 'l-1', table: 'l-2' });
    await releaseLock(fake.run, lock);
    expect(await readLock(fake.run, bucket, stateKey)).toMatchObject({ id: 'l-2' });
  });

  it('does without a table', async () => {
    given({ bucket: 'l-1' });
    await releaseLock(fake.run, { ...lock, lockTable: undefined });
    expect(objects().size).toBe(0);
  });

  it('makes the digest right of a state that was written, when its owner did not come to that', async () => {
    given({ bucket: 'l-1', table: 'l-1', digest: md5('before') });
    objects().set(stateKey, Buffer.from('after'));
    await releaseLock(fake.run, lock);
    expect(items().get(`${bucket}/${stateKey}-md5`)).toMatchObject({ Digest: { S: md5('after') } });
  });

  it('writes no digest that is right, and none where there was none', async () => {
    objects().set(stateKey, Buffer.from('same'));
    for (const digest of [undefined, md5('same')]) {
      given({ bucket: 'l-1', table: 'l-1', ...(digest !== undefined && { digest }) });
      await releaseLock(fake.run, lock);
    }
    expect(aws.calls).not.toContain('DynamoDB.PutItem');
  });
});

describe('releasedNotice', () => {
  const held = { id: 'l-1', who: 'a@b', created: 0 };

  it('warns of what an apply may have made that the state does not know', () => {
    expect(
      releasedNotice({ ...held, operation: 'OperationTypeApply' }, { bucket, key: stateKey }),
    ).toMatchObject({
      level: 'warning',
      text: expect.stringMatching(/released.*may be missing in the state/),
    });
  });

  it('only tells of a plan', () => {
    expect(releasedNotice({ ...held, operation: 'OperationTypePlan' }, { bucket, key: stateKey })).toEqual({
      level: 'info',
      text: expect.stringMatching(/lock l-1\).*the next run can go on\.$/),
    });
  });
});
