import { describe, expect, it } from '@jest/globals';
import { Computed } from '../../src/hcl/index.ts';
import { readLocalState, readRoot, undeclared } from '../../src/terraform/source.ts';
import { writeRoot } from '../support/terraform-roots.ts';

describe('the files of a root', () => {
  it('tell variables, versions and backend', async () => {
    const root = writeRoot({
      'main.tf': `
/* variable "no" {} */
terraform {
  required_version = ">= 1.11"
  backend "s3" { key = "a/b" }
}
locals { policy = "arn:aws:s3:::logs/*" }
variable "image" { type = string }
# variable "neither" {}
variable "password" {
  type      = string
  ephemeral = true
}
locals {
  cron = "*/30 22 * * *"
  text = <<EOT
variable "in_a_text" {}
backend "gcs" {}
EOT
}
variable region {}
module "service" { source = "./modules/service" }
`,
      'more.tf.json':
        '{"variable": {"more": [{"ephemeral": true}]}, "terraform": [{"required_version": "< 2"}]}',
      '.#hidden.tf': 'variable "hidden" {}',
      'modules/service/versions.tf': 'terraform { required_version = "~> 1.12" }',
    });
    expect(await readRoot(root)).toEqual({
      variables: ['image', 'password', 'region', 'more'],
      types: { image: new Computed('string'), password: new Computed('string') },
      ephemeral: ['password', 'more'],
      state: { type: 's3', settings: { key: 'a/b' }, file: 'main.tf' },
      requirements: [
        { constraint: '>= 1.11', file: 'main.tf' },
        { constraint: '< 2', file: 'more.tf.json' },
        { constraint: '~> 1.12', file: 'modules/service/versions.tf' },
      ],
      encrypted: false,
    });
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['nothing', { 'a.tf': 'terraform {\n  required_version = ">= 1.11"\n}' }, undefined],
    ['a comment', { 'a.tf': '# terraform { backend "s3" {} }' }, undefined],
    ['a block of another type', { 'a.tf': 'terraform {\n  backend "azurerm" {\n  }\n}' }, 'azurerm'],
    ['JSON', { 'a.tf.json': '{"terraform": {"backend": {"gcs": {"bucket": "b"}}}}' }, 'gcs'],
    ['HCP Terraform', { 'a.tf': 'terraform {\n  cloud {\n    organization = "x"\n  }\n}' }, 'cloud'],
    [
      'an override',
      { 'a_override.tf': 'terraform { backend "local" {} }', 'z.tf': 'terraform { backend "s3" {} }' },
      'local',
    ],
    [
      'a file with a mistake below',
      { 'a.tf': 'terraform {\n  backend "s3" {}\n}\nlocals {\n  a = = 1\n}' },
      's3',
    ],
  ])('name the backend: %s', async (_, files, type) => {
    expect((await readRoot(writeRoot(files))).state?.type).toBe(type);
  });

  it('tell settings that are written as blocks, and what encrypts a state', async () => {
    const text =
      'terraform {\n  backend "s3" {\n    assume_role {\n      role_arn = "x"\n    }\n  }\n  encryption {}\n}';
    const { state, encrypted } = await readRoot(writeRoot({ 'a.tf': text }));
    expect(state?.settings).toEqual({ assume_role: {} });
    expect(encrypted).toBe(true);
  });

  it('tell what Terraform left beside them', async () => {
    const pointer = { backend: { type: 's3', config: { bucket: 'theirs', key: 'k', region: null } } };
    const root = writeRoot({
      'main.tf': '',
      '.terraform/environment': 'blue',
      '.terraform/terraform.tfstate': JSON.stringify(pointer),
      'terraform.tfstate': '{"resources": [{}]}',
    });
    const file = '.terraform/terraform.tfstate';
    expect(await readLocalState(root)).toEqual({
      workspace: 'blue',
      backend: { type: 's3', settings: { bucket: 'theirs', key: 'k' }, file },
      kept: 'terraform.tfstate',
    });
    expect(await readLocalState(writeRoot({ 'main.tf': '' }))).toEqual({
      workspace: undefined,
      backend: undefined,
      kept: undefined,
    });
  });

  it('say which given variables nobody declared, and what may have been meant', () => {
    expect(undeclared(['instance_tpye', 'image', 'zzz'], ['instance_type', 'image'])).toEqual([
      { name: 'instance_tpye', meant: 'instance_type' },
      { name: 'zzz', meant: undefined },
    ]);
  });
});
