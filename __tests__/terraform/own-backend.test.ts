import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { Computed } from '../../src/hcl/index.ts';
import type { Value } from '../../src/hcl/index.ts';
import { checkState } from '../../src/terraform/own-backend.ts';
import type { LocalState, RootSource } from '../../src/terraform/source.ts';

const action = {
  bucket: 'asg-deploy-123456789012-eu-north-1',
  stateKey: 'shop/prod/terraform.tfstate',
  region: 'eu-north-1',
  lockTable: 'locks',
};
const nothing: LocalState = { workspace: undefined, backend: undefined, kept: undefined };
const rest = { variables: [], types: {}, ephemeral: [], requirements: [], encrypted: false };

function sourceWith(settings: Record<string, Value>, type = 's3'): RootSource {
  return { ...rest, state: { type, settings, file: 'backend.tf' } };
}

function failureOf(source: RootSource, local: LocalState = nothing): DeployError | undefined {
  try {
    checkState(source, local, action);
    return undefined;
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
}

const same = { bucket: action.bucket, key: action.stateKey, region: action.region };

describe('a root’s own backend', () => {
  it.each<[string, Record<string, Value>]>([
    ['nothing', {}],
    ['what the action gives', { ...same, dynamodb_table: 'locks', encrypt: true, use_lockfile: true }],
    [
      'how it is written',
      { kms_key_id: 'alias/state', acl: 'private', workspace_key_prefix: 'x', max_retries: 3 },
    ],
  ])('is used where it says %s', (_, settings) => {
    expect(failureOf(sourceWith(settings))).toBeUndefined();
  });

  it.each<[Record<string, Value>, string, RegExp | string]>([
    [
      { bucket: 'theirs' },
      'bucket',
      /state-bucket: theirs; .*terraform init -migrate-state -backend-config=bucket=theirs -backend-config=key=shop\/prod\/terraform\.tfstate -backend-config=region=eu-north-1/,
    ],
    [
      { bucket: action.bucket, key: 'shop.tfstate' },
      'key',
      `before, the state is s3://${action.bucket}/shop.tfstate, afterwards s3://${action.bucket}/shop/prod/`,
    ],
    [{ region: 'us-east-1' }, 'region', /aws s3 cp/],
    [{ dynamodb_table: 'others' }, 'dynamodb_table', /give lock-table: others/],
    [{ encrypt: false }, 'encrypt', /without encrypt/],
    [{ use_lockfile: false }, 'use_lockfile', /without use_lockfile/],
    [{ key: new Computed('var.key') }, 'key', /without key/],
    [{ profile: 'admin' }, 'profile', /without profile/],
    [{ assume_role: {} }, 'assume_role', /without assume_role/],
    [{ endpoints: {} }, 'endpoints', /without endpoints/],
    [{ sse_customer_key: 'c2VjcmV0' }, 'sse_customer_key', /without sse_customer_key/],
  ])('%j is refused by name, with the way out', (settings, name, next) => {
    const failure = failureOf(sourceWith(settings));
    expect(failure).toMatchObject({ reason: 'terraform-contract', left: 'Nothing was touched.' });
    expect(failure?.message).toContain(`by backend.tf: ${name}`);
    expect(failure?.next).toMatch(next);
    expect(JSON.stringify(failure)).not.toContain('c2VjcmV0');
  });

  it.each([
    ['azurerm', /backend "azurerm"/],
    ['local', /backend "local"/],
    ['cloud', /HCP Terraform/],
  ])('%s is refused', (type, message) => {
    const failure = failureOf(sourceWith({}, type));
    expect(failure?.message).toMatch(message);
    expect(failure?.next).toMatch(/write backend "s3" \{\}.*terraform init -migrate-state/);
  });

  it.each<[string, Partial<LocalState>, RegExp]>([
    ['a selected workspace', { workspace: 'blue' }, /workspace "blue"/],
    ['a state in a file', { kept: 'terraform.tfstate' }, /in a file, terraform\.tfstate/],
    [
      'an init with another backend',
      { backend: { type: 's3', settings: { bucket: 'theirs' }, file: '.terraform/terraform.tfstate' } },
      /elsewhere than the action, by \.terraform\/terraform\.tfstate: bucket/,
    ],
  ])('%s in its folder is refused', (_, local, message) => {
    expect(failureOf({ ...rest, state: undefined }, { ...nothing, ...local })?.message).toMatch(message);
  });

  it('may have the default workspace selected, and the action’s own backend', () => {
    const backend = { type: 's3', settings: same, file: '' };
    expect(
      failureOf({ ...rest, state: undefined }, { ...nothing, workspace: 'default', backend }),
    ).toBeUndefined();
  });

  it('may have been initialised for another environment of the application', () => {
    const settings = { ...same, key: 'shop/dev/terraform.tfstate' };
    const local = { ...nothing, backend: { type: 's3', settings, file: '' } };
    expect(failureOf({ ...rest, state: undefined }, local)).toBeUndefined();
    const elsewhere = { ...settings, bucket: 'anotherone' };
    const inAnother = { ...nothing, backend: { type: 's3', settings: elsewhere, file: '' } };
    expect(failureOf({ ...rest, state: undefined }, inAnother)).toBeUndefined();
    const other = {
      ...local,
      backend: { ...local.backend, settings: { ...same, key: 'blog/dev/terraform.tfstate' } },
    };
    expect(failureOf({ ...rest, state: undefined }, other)?.message).toContain('key');
  });

  it('can’t be encrypted by OpenTofu', () => {
    expect(failureOf({ ...rest, state: undefined, encrypted: true })?.message).toMatch(/encrypts its state/);
  });
});
