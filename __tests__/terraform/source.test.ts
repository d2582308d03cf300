import { describe, expect, it } from '@jest/globals';
import { scanHcl, undeclared } from '../../src/terraform/source.ts';

describe('the files of a root', () => {
  it('tell variables and backend', () => {
    const text = `
/* variable "no" {} */
terraform { backend "s3" {} }
variable "image" {
  type = string
}
# variable "neither" {}
variable "password" {
  type      = string
  ephemeral = true
}
variable region {}`;
    expect(scanHcl(text)).toEqual({
      variables: ['image', 'password', 'region'],
      ephemeral: ['password'],
      backend: 's3',
    });
  });

  it.each([
    ['terraform {\n  backend "azurerm" {\n', 'azurerm'],
    ['terraform {\n  required_version = ">= 1.11"\n}', undefined],
    ['# backend "s3" {}', undefined],
  ])('%j', (text, backend) => {
    expect(scanHcl(text).backend).toBe(backend);
  });

  it('say which given variables nobody declared, and what may have been meant', () => {
    expect(undeclared(['instance_tpye', 'image', 'zzz'], ['instance_type', 'image'])).toEqual([
      { name: 'instance_tpye', meant: 'instance_type' },
      { name: 'zzz', meant: undefined },
    ]);
  });
});
