import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureBackend, findBackend } from '../../src/state-backend/backend.ts';
import { fullBuckets } from '../../src/environment/buckets.ts';
import { parameterNames } from '../../src/environment/parameters.ts';
import { readImages, repositoryOf } from '../../src/image/registered.ts';
import { readState } from '../../src/environment/state.ts';
import { readLock } from '../../src/state-backend/locks.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { fakeRun } from '../support/fake-run.ts';
import type { FakeRun } from '../support/fake-run.ts';

/** What is read of S3, DynamoDB and ECR on the wire. */
const bucket = 'asg-deploy-123456789012-eu-north-1';
const key = 'shop/dev/terraform.tfstate';
const digest = (character: string) => `sha256:${character.repeat(64)}`;
const repository = '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop';

let aws: FakeAws;
let fake: FakeRun;
beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
});
afterEach(() => aws.close());

const writes = () => aws.calls.filter((call) => /^PUT|^DELETE|Create|Update|Put|TagResource$/.test(call));

async function givenState(state: object | string): Promise<void> {
  await ensureBackend(fake.run);
  const text = typeof state === 'string' ? state : JSON.stringify(state);
  aws.buckets.get(bucket)?.objects.set(key, Buffer.from(text));
}

const outputs = {
  autoscaling_group_name: { value: 'shop-dev' },
  launch_template_id: { value: 'lt-0123456789abcdef0' },
  launch_template_version: { value: 7 },
  target_group_arns: {
    value: ['arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop-dev/1'],
  },
  url: { value: 'http://shop.example' },
  repository_url: { value: repository },
  alarm_names: { value: [] },
  password: { value: 'secret', sensitive: true },
};

describe('readState', () => {
  it('gives the contract without Terraform, and nothing sensitive', async () => {
    await givenState({ version: 4, outputs });
    const found = await readState(fake.run);
    expect(found).toMatchObject({ autoscalingGroupName: 'shop-dev', launchTemplateVersion: 7 });
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('says of outputs that are not the contract’s that nothing was touched: it only looked', async () => {
    await givenState({ version: 4, outputs: { url: { value: 'http://shop.example' } } });
    await expect(readState(fake.run)).rejects.toMatchObject({
      reason: 'terraform-contract',
      left: 'Nothing was touched.',
    });
  });

  it('does not take a state with resources and no outputs for an empty one', async () => {
    await givenState({ version: 4, outputs: {}, resources: [{ type: 'aws_lb' }] });
    await expect(readState(fake.run)).rejects.toMatchObject({
      reason: 'terraform-contract',
      message: expect.stringMatching(/holds resources and no outputs/),
      left: 'Nothing was touched.',
    });
  });

  it('finds nothing where there is no bucket, no state, or an empty one', async () => {
    expect(await readState(fake.run)).toBeUndefined();
    await ensureBackend(fake.run);
    expect(await readState(fake.run)).toBeUndefined();
    await givenState({ version: 4, outputs: {} });
    expect(await readState(fake.run)).toBeUndefined();
  });

  it.each([
    ['encrypted', '{"encrypted_data":"x"}', /can not be read without Terraform/],
    ['without the contract', { version: 4, outputs: { url: outputs.url } }, /autoscaling_group_name/],
  ])('refuses a state that is %s', async (_what, state, text) => {
    await givenState(state);
    await expect(readState(fake.run)).rejects.toMatchObject({
      reason: 'terraform-contract',
      message: expect.stringMatching(text),
    });
  });
});

describe('findBackend', () => {
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

describe('readImages', () => {
  it('tells what is there, what is gone and what it can not know', async () => {
    const images = [{ imageDigest: digest('a'), imageTags: ['latest', 'v1'], imagePushedAt: 1 }];
    aws.repositories.set('shop', { uri: repository, images });
    const [there, gone, elsewhere] = [
      `${repository}@${digest('a')}`,
      `${repository}@${digest('b')}`,
      `registry.example/shop@${digest('a')}`,
    ];
    const found = await readImages(fake.run, [there, gone, elsewhere, there]);
    expect(Object.fromEntries(found)).toEqual({
      [there]: { state: 'there', tags: ['latest', 'v1'] },
      [gone]: { state: 'missing', tags: [] },
      [elsewhere]: { state: 'unknown', tags: [] },
    });
    expect(await repositoryOf(fake.run)).toBe(repository);
  });

  it('does not stand in the way when the registry does not answer', async () => {
    aws.repositories.set('shop', { uri: repository, images: [] });
    const denied = { status: 400, code: 'AccessDeniedException' };
    aws.failNext('AmazonEC2ContainerRegistry_V20150921.DescribeImages', denied);
    const reference = `${repository}@${digest('a')}`;
    expect((await readImages(fake.run, [reference])).get(reference)?.state).not.toBe('there');
  });
});

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
