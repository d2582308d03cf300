import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parameterNames } from '../../src/environment/parameters.ts';
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

describe('parameterNames', () => {
  it('lists what is below the path of the environment, page by page, and reads no value', async () => {
    const mine = ['A', 'B', 'C', 'D'].map((name) => `/shop/dev/${name}`);
    aws.parameters.push('/shop/prod/A', ...mine.toReversed(), '/shop/devel/A');
    expect(await parameterNames(fake.run)).toEqual(mine);
    expect(aws.calls).toEqual(['SSM.DescribeParameters', 'SSM.DescribeParameters']);
  });

  it('is undefined when the role may not list them', async () => {
    aws.failNext('SSM.DescribeParameters', { status: 400, code: 'AccessDeniedException' });
    expect(await parameterNames(fake.run)).toBeUndefined();
  });
});
