import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fullBuckets } from '../../src/environment/buckets.ts';
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

describe('fullBuckets', () => {
  it('names those that hold something, and leaves those that it may not read to AWS', async () => {
    const bucket = (...keys: string[]) => ({
      region: 'eu-north-1',
      settings: {},
      objects: new Map(keys.map((one) => [one, Buffer.from('')])),
    });
    aws.buckets.set('logs', bucket('a', 'b')).set('empty', bucket());
    expect(await fullBuckets(fake.run, ['logs', 'empty', 'gone'])).toEqual(['logs']);
  });
});
