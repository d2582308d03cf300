import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { emptyBuckets, fullBuckets } from '../../src/environment/buckets.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';

let aws: FakeAws;
let fake: FakeRun;
beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
});
afterEach(() => aws.close());

const bucket = (...keys: string[]) => ({
  region: 'eu-north-1',
  settings: {},
  objects: new Map(keys.map((one) => [one, Buffer.from('')])),
});

describe('emptyBuckets', () => {
  it('names those that are known to hold nothing, and none that it may not read', async () => {
    aws.buckets.set('logs', bucket('a')).set('empty', bucket()).set('closed', bucket());
    aws.failNext('GET /closed?versions', { status: 403, code: 'AccessDenied' });
    expect(await emptyBuckets(fake.run, ['logs', 'empty', 'closed', 'gone'])).toEqual(['empty', 'gone']);
  });
});

describe('fullBuckets', () => {
  it('names those that hold something, and leaves those that it may not read to AWS', async () => {
    aws.buckets.set('logs', bucket('a', 'b')).set('empty', bucket());
    expect(await fullBuckets(fake.run, ['logs', 'empty', 'gone'])).toEqual([
      { name: 'logs', holds: 'objects' },
    ]);
  });

  it.each([
    '<Version><Key>a</Key><VersionId>3HL4kqtJ</VersionId></Version>',
    '<DeleteMarker><Key>a</Key></DeleteMarker>',
  ])('tells old versions, which removing every object leaves: %s', async (kept) => {
    aws.buckets.set('logs', { ...bucket(), settings: { versions: kept } });
    expect(await fullBuckets(fake.run, ['logs'])).toEqual([{ name: 'logs', holds: 'versions' }]);
  });
});
