import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bootstrapIn, checkBootstrap, handedOn, readBootstrap } from '../../src/environment/bootstrap.ts';
import type { Bootstrap } from '../../src/environment/bootstrap.ts';
import { ensureBackend } from '../../src/state-backend/backend.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';

const boundary = 'arn:aws:iam::123456789012:policy/shop-dev-instance-boundary';
const state = (outputs: Record<string, unknown>, version = 4): string =>
  JSON.stringify({
    version,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value }])),
  });
const whole = {
  bootstrap_version: 1,
  name_suffix: '-euw1',
  deploy_role_arns: { dev: 'arn:aws:iam::123456789012:role/shop-dev-deploy' },
  permissions_boundary_arns: { dev: boundary },
};
const made: Bootstrap = { version: 1, roles: true, boundary, nameSuffix: '-euw1' };

describe('bootstrapIn', () => {
  it.each([
    ['all that it made', state(whole), made],
    [
      'what an earlier one made',
      state({ deploy_role_arns: whole.deploy_role_arns, permissions_boundary_arns: { prod: boundary } }),
      { version: undefined, roles: true, boundary: undefined, nameSuffix: '' },
    ],
    [
      'a registry alone',
      state({ bootstrap_version: 1, name_suffix: '', deploy_role_arns: {}, permissions_boundary_arns: {} }),
      { version: 1, roles: false, boundary: undefined, nameSuffix: '' },
    ],
    ['a state that was destroyed', state({}), undefined],
    ['what is no state', 'not JSON', undefined],
    [
      'outputs of somebody else',
      state({ bootstrap_version: 'one', name_suffix: 7, deploy_role_arns: 'x' }),
      {
        ...{ version: undefined, boundary: undefined, nameSuffix: '' },
        roles: false,
      },
    ],
  ])('reads %s', (_, text, expected) => {
    expect(bootstrapIn(text, 'dev')).toEqual(expected);
  });
});

describe('handedOn', () => {
  const both = { permissions_boundary_arn: boundary, name_suffix: '-euw1' };
  it.each([
    ['the boundary and the ending', made, {}, {}, both],
    ['nothing that is given', made, { permissions_boundary_arn: null }, {}, { name_suffix: '-euw1' }],
    [
      'nothing that the job sets',
      made,
      {},
      { TF_VAR_name_suffix: '-x' },
      { permissions_boundary_arn: boundary },
    ],
    ['nothing that is not there', { ...made, boundary: undefined, nameSuffix: '' }, {}, {}, {}],
    ['nothing where there is no bootstrap', undefined, {}, {}, {}],
  ])('hands on %s', (...[, bootstrap, given, environment, expected]) => {
    expect(handedOn(bootstrap, given, environment)).toEqual(expected);
  });
});

describe('with a state bucket', () => {
  let aws: FakeAws;
  let fake: FakeRun;
  beforeEach(async () => {
    aws = await startFakeAws();
    fake = fakeRun(aws.endpoint);
  });
  afterEach(() => aws.close());

  it('is read where it is, and is nothing where it is not', async () => {
    expect(await readBootstrap(fake.run)).toBeUndefined();
    await ensureBackend(fake.run);
    expect(await readBootstrap(fake.run)).toBeUndefined();
    const objects = aws.buckets.get('asg-deploy-123456789012-eu-north-1')?.objects;
    objects?.set('shop/bootstrap/terraform.tfstate', Buffer.from(state(whole)));
    expect(await readBootstrap(fake.run)).toEqual(made);
  });

  it('is refused when it is too old, before anything is touched', () => {
    expect(() => checkBootstrap(fake.run, made, 2)).toThrow(
      expect.objectContaining({
        reason: 'preflight',
        message: 'the roles of shop were made by terraform/bootstrap of version 1, and this action needs 2',
        left: 'Nothing was touched.',
        next: expect.stringMatching(
          /terraform -chdir=terraform\/bootstrap init .*key=shop\/bootstrap\/terraform\.tfstate.*terraform -chdir=terraform\/bootstrap apply$/,
        ),
      }),
    );
  });

  it('is warned of when it knew no versions, and is fine when it is new or made no roles', () => {
    checkBootstrap(fake.run, { ...made, version: undefined });
    expect(fake.warnings).toEqual([
      expect.stringMatching(/of an earlier version, and may lack rights.*terraform/),
    ]);
    checkBootstrap(fake.run, made);
    checkBootstrap(fake.run, { ...made, version: 7 });
    checkBootstrap(fake.run, { ...made, version: undefined, roles: false });
    checkBootstrap(fake.run, undefined);
    expect(fake.warnings).toHaveLength(1);
  });
});
