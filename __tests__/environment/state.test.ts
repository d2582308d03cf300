import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseState, readAppliedOutputs, readState } from '../../src/environment/state.ts';
import { ensureBackend } from '../../src/state-backend/backend.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';

/** What is read of S3, DynamoDB and ECR on the wire. */
const bucket = 'asg-deploy-123456789012-eu-north-1';
const key = 'shop/dev/terraform.tfstate';
const repository = '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop';
let aws: FakeAws;
let fake: FakeRun;
beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
});
afterEach(() => aws.close());

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

describe('parseState', () => {
  it('gives the outputs', () => {
    const outputs = { url: { value: 'http://x' }, password: { value: 'p', sensitive: true } };
    expect(parseState(JSON.stringify({ version: 4, outputs }))).toEqual({
      outputs,
      hasResources: false,
    });
  });

  it.each(['', 'not json', '{"version":3}', '{"encrypted_data":"x"}'])('refuses %j', (text) => {
    expect(parseState(text)).toBeUndefined();
  });

  it('finds none in the state of a destroyed environment', () => {
    expect(parseState('{"version":4,"outputs":{}}')).toEqual({ outputs: {}, hasResources: false });
  });
});

describe('the outputs that an apply left', () => {
  const place = { bucket, stateKey: key };
  const asked = { url: { value: 'said by Terraform' } };
  const ask = async () => asked;

  it('are read without Terraform, what is sensitive as a secret alone', async () => {
    await givenState({ version: 4, outputs });
    const found = await readAppliedOutputs(fake.run, place, ask);
    expect(found.launch_template_version).toEqual({ value: 7 });
    expect(found.password).toEqual({ sensitive: true });
    expect(fake.secrets).toContain('secret');
  });

  it.each([
    ['is encrypted', '{"encrypted_data":"…","encryption_version":"v0"}'],
    ['has no outputs', { version: 4, outputs: {} }],
  ])('are asked of Terraform where the state %s', async (_, state) => {
    await givenState(state);
    expect(await readAppliedOutputs(fake.run, place, ask)).toBe(asked);
  });

  it('are asked of Terraform where the state can’t be read', async () => {
    expect(await readAppliedOutputs(fake.run, { ...place, bucket: 'another' }, ask)).toBe(asked);
  });
});
