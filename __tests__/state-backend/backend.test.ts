import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureBackend, findBackend } from '../../src/state-backend/backend.ts';
import type { FakeAws, FakeTable } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';

const bucket = 'asg-deploy-123456789012-eu-north-1';
const table = 'asg-deploy-locks';
let aws: FakeAws;

beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws.close());

const writes = () => aws.calls.filter((call) => /^PUT|^DELETE|Create|Update|TagResource$/.test(call));

function givenTable(changed: Partial<FakeTable> = {}): void {
  aws.tables.set(table, {
    TableName: table,
    TableArn: `arn:aws:dynamodb:eu-north-1:123456789012:table/${table}`,
    TableStatus: 'ACTIVE',
    KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
    DeletionProtectionEnabled: true,
    tags: [],
    recovery: true,
    items: new Map(),
    ...changed,
  });
}

describe('a backend that is not there', () => {
  it('is made whole, and used as it is by the next run', async () => {
    const first = fakeRun(aws.endpoint);
    await expect(ensureBackend(first.run)).resolves.toEqual({
      bucket,
      lockTable: table,
      stateKey: 'shop/dev/terraform.tfstate',
      created: ['bucket', 'table'],
    });
    const made = aws.buckets.get(bucket);
    expect(made?.region).toBe('eu-north-1');
    expect(made?.settings.versioning).toContain('<Status>Enabled</Status>');
    expect(made?.settings.encryption).toContain('AES256');
    expect(made?.settings.publicAccessBlock?.match(/true/g)).toHaveLength(4);
    expect(made?.settings.policy).toContain('"aws:SecureTransport":"false"');
    expect(made?.settings.lifecycle).toContain('<NoncurrentDays>90</NoncurrentDays>');
    expect(made?.settings.tagging).toContain('<Value>complete</Value>');
    expect(aws.tables.get(table)).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      recovery: true,
      KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
      tags: [
        { Key: 'managed-by', Value: 'asg-deploy' },
        { Key: 'asg-deploy:setup', Value: 'complete' },
      ],
    });

    aws.calls.length = 0;
    const second = fakeRun(aws.endpoint);
    await expect(ensureBackend(second.run)).resolves.toMatchObject({ created: [] });
    expect(writes()).toEqual([]);
    expect(second.warnings).toEqual([]);
  });

  it('has no location constraint in us-east-1, which refuses its own name', async () => {
    await ensureBackend(fakeRun(aws.endpoint, { region: 'us-east-1' }).run);
    expect(aws.buckets.get('asg-deploy-123456789012-us-east-1')?.region).toBe('us-east-1');
  });

  it('names the owner on every call but the first', async () => {
    await ensureBackend(fakeRun(aws.endpoint).run);
    const without = aws.calls.filter(
      (call, index) =>
        call.includes('/') && aws.headers[index]?.['x-amz-expected-bucket-owner'] === undefined,
    );
    expect(without).toEqual([`PUT /${bucket}`]);
  });

  it('is made without a table when that is turned off', async () => {
    const { run } = fakeRun(aws.endpoint, { lockTable: 'none' });
    await expect(ensureBackend(run)).resolves.toMatchObject({ lockTable: undefined, created: ['bucket'] });
    expect(aws.tables.size).toBe(0);
  });

  it('is made once by two runs at the same time', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ensureBackend(fakeRun(aws.endpoint).run)));
    expect(answers.flatMap(({ created }) => created).toSorted()).toEqual(['bucket', 'table']);
    expect(aws.buckets.get(bucket)?.settings.tagging).toContain('complete');
    expect(aws.tables.get(table)?.recovery).toBe(true);
  });

  it('waits for a conflicting operation on the bucket to pass', async () => {
    aws.failNext(`PUT /${bucket}?versioning`, { status: 409, code: 'OperationAborted' });
    await ensureBackend(fakeRun(aws.endpoint).run);
    expect(aws.buckets.get(bucket)?.settings.versioning).toContain('Enabled');
  });
});

describe('a backend that an interrupted run left half-made', () => {
  it('is finished by the next run, even when the bucket bears the user’s own name', async () => {
    const named = { stateBucket: 'a-name-of-ones-own' };
    const cancelled = fakeRun(aws.endpoint, named);
    const making = ensureBackend(cancelled.run);
    while (!aws.buckets.has('a-name-of-ones-own')) await new Promise(setImmediate);
    cancelled.controller.abort(new Error('cancelled'));
    await expect(making).rejects.toThrow('cancelled');
    const made = aws.buckets.get('a-name-of-ones-own');
    expect(made?.settings.versioning).toBeUndefined();
    const next = fakeRun(aws.endpoint, named);
    await ensureBackend(next.run);
    expect(made?.settings.versioning).toContain('<Status>Enabled</Status>');
    expect(next.warnings).toEqual([]);
  });

  it('is completed by the next one', async () => {
    aws.failNext(`PUT /${bucket}?policy`, { status: 500, code: 'InternalError' });
    aws.failNext('DynamoDB.UpdateContinuousBackups', { status: 500, code: 'InternalServerError' });
    await expect(ensureBackend(fakeRun(aws.endpoint).run)).rejects.toMatchObject({ reason: 'backend' });
    expect(aws.buckets.get(bucket)?.settings.policy).toBeUndefined();

    const { run, warnings } = fakeRun(aws.endpoint);
    await expect(ensureBackend(run)).resolves.toMatchObject({ created: [] });
    expect(aws.buckets.get(bucket)?.settings.policy).toContain('SecureTransport');
    expect(aws.tables.get(table)?.recovery).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('is known as half-made from its first moment, whatever its name, and finished', async () => {
    const named = { stateBucket: 'a-name-of-ones-own' };
    aws.failNext('PUT /a-name-of-ones-own?tagging', { status: 500, code: 'InternalError' });
    await expect(ensureBackend(fakeRun(aws.endpoint, named).run)).rejects.toMatchObject({
      reason: 'backend',
    });
    const next = fakeRun(aws.endpoint, named);
    await ensureBackend(next.run);
    expect(next.warnings).toEqual([]);
    const made = aws.buckets.get('a-name-of-ones-own')?.settings;
    expect(made?.versioning).toContain('<Status>Enabled</Status>');
    expect(made?.tagging).toContain('<Value>complete</Value>');
  });

  it('is made by a role that may not tag what it makes', async () => {
    aws.failNext(`PUT /${bucket}`, { status: 403, code: 'AccessDenied' });
    await ensureBackend(fakeRun(aws.endpoint).run);
    expect(aws.buckets.get(bucket)?.settings.tagging).toContain('complete');
  });

  it('is completed even when it has no tag yet', async () => {
    aws.buckets.set(bucket, { region: 'eu-north-1', settings: {}, objects: new Map() });
    await ensureBackend(fakeRun(aws.endpoint).run);
    expect(aws.buckets.get(bucket)?.settings.versioning).toContain('Enabled');
  });
});

describe('a backend that the user made', () => {
  it('is used, never changed, and its weak points are named with their remedy', async () => {
    aws.buckets.set('mine', { region: 'eu-north-1', settings: {}, objects: new Map() });
    givenTable({ DeletionProtectionEnabled: false, recovery: false });
    const { run, warnings } = fakeRun(aws.endpoint, { stateBucket: 'mine' });
    await expect(ensureBackend(run)).resolves.toMatchObject({ bucket: 'mine', created: [] });
    expect(writes()).toEqual([]);
    const text = warnings.join('\n');
    for (const word of [
      'put-bucket-versioning',
      'public access',
      'without TLS',
      'deletion-protection',
      'point-in-time',
    ])
      expect(text).toContain(word);
  });

  it('is not complained about where the role may not look', async () => {
    aws.buckets.set('mine', { region: 'eu-north-1', settings: {}, objects: new Map() });
    givenTable();
    for (const setting of ['versioning', 'encryption', 'publicAccessBlock', 'policy', 'lifecycle', 'tagging'])
      aws.failNext(`GET /mine?${setting}`, { status: 403, code: 'AccessDenied' });
    const { run, warnings } = fakeRun(aws.endpoint, { stateBucket: 'mine' });
    await ensureBackend(run);
    expect(warnings).toEqual([]);
  });

  it.each([
    [
      'of another region',
      () => aws.buckets.set('mine', { region: 'us-west-2', settings: {}, objects: new Map() }),
      'us-west-2',
    ],
    [
      'of another region that redirects',
      () =>
        aws.failNext('HEAD /mine', {
          status: 301,
          code: 'PermanentRedirect',
          headers: { 'x-amz-bucket-region': 'ap-south-1' },
        }),
      'ap-south-1',
    ],
    [
      'of another account',
      () => aws.failNext('HEAD /mine', { status: 403, code: 'Forbidden' }),
      'another account',
    ],
  ])('is refused when it is a bucket %s, before anything is touched', async (_name, given, said) => {
    given();
    const { run } = fakeRun(aws.endpoint, { stateBucket: 'mine' });
    const failure = {
      reason: 'backend',
      message: expect.stringContaining(said),
      left: 'Nothing was touched.',
    };
    await expect(ensureBackend(run)).rejects.toMatchObject(failure);
    expect(writes()).toEqual([]);
  });

  it('is refused when the table has another key, before the bucket is made', async () => {
    givenTable({
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    });
    const { run } = fakeRun(aws.endpoint);
    await expect(ensureBackend(run)).rejects.toMatchObject({
      reason: 'backend',
      message: expect.stringContaining('id HASH S'),
      next: expect.stringContaining('lock-table'),
    });
    expect(writes()).toEqual([]);
    expect(aws.buckets.size).toBe(0);
  });

  it('is refused when somebody else took the name in the meantime', async () => {
    givenTable();
    aws.failNext(`PUT /${bucket}`, { status: 409, code: 'BucketAlreadyExists' });
    await expect(ensureBackend(fakeRun(aws.endpoint).run)).rejects.toMatchObject({ reason: 'backend' });
  });
});

it('says which call AWS refused', async () => {
  aws.failNext('DynamoDB.DescribeTable', {
    status: 400,
    code: 'AccessDeniedException',
    message: 'not authorized to perform: dynamodb:DescribeTable',
  });
  await expect(ensureBackend(fakeRun(aws.endpoint).run)).rejects.toMatchObject({
    reason: 'backend',
    message: expect.stringContaining('dynamodb:DescribeTable'),
  });
});

const key = 'shop/dev/terraform.tfstate';

describe('findBackend', () => {
  let fake: FakeRun;
  beforeEach(() => {
    fake = fakeRun(aws.endpoint);
  });

  it('says what is missing, and makes nothing', async () => {
    expect(await findBackend(fake.run)).toEqual({
      backend: { bucket, lockTable: undefined, stateKey: key, created: [] },
      missing: { bucket, lockTable: 'asg-deploy-locks' },
    });
    expect(writes()).toEqual([]);
  });

  it('finds what is there, and changes nothing of it', async () => {
    await ensureBackend(fake.run);
    aws.calls.length = 0;
    expect(await findBackend(fake.run)).toEqual({
      backend: { bucket, lockTable: 'asg-deploy-locks', stateKey: key, created: [] },
      missing: {},
    });
    expect(writes()).toEqual([]);
  });
});
