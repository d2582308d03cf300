import { describe, expect, it } from '@jest/globals';
import type { Candidate } from '../../src/terraform/select.ts';
import { parseVersion, selectTerraform, versionToInstall, whyNot } from '../../src/terraform/select.ts';

describe('selectTerraform', () => {
  const terraform = (version?: string): Candidate => ({ flavour: 'terraform', binary: '/t', version });
  const tofu = (version?: string): Candidate => ({ flavour: 'tofu', binary: '/o', version });
  it.each<[string, Candidate[], string | undefined]>([
    ['nothing', [], undefined],
    ['a good terraform', [terraform('1.11.0')], 'terraform'],
    ['an old terraform', [terraform('1.10.5')], undefined],
    ['an old terraform and a good tofu', [terraform('1.5.7'), tofu('1.11.1')], 'tofu'],
    ['both good', [tofu('1.12.0'), terraform('1.13.0')], 'terraform'],
    ['an old tofu', [tofu('1.10.0')], undefined],
    ['a release candidate of the first', [terraform('1.11.0-rc1')], undefined],
    ['one that does not answer', [terraform(undefined)], undefined],
  ])('%s', (_name, candidates, flavour) => {
    expect(selectTerraform(candidates)?.flavour).toBe(flavour);
    if (flavour === undefined) expect(whyNot(candidates)).not.toBe('');
  });

  it('reads the version through a wrapper that adds lines', () => {
    expect(
      parseVersion('[command]/x/terraform-bin version -json\n{\n  "terraform_version": "1.11.4"\n}\n'),
    ).toBe('1.11.4');
    expect(parseVersion('Terraform v1.11.4')).toBeUndefined();
  });
});

describe('what the root and terraform-version demand', () => {
  const demand = (constraints: string[], exact?: string) => ({
    exact,
    requirements: constraints.map((constraint) => ({ constraint, file: 'versions.tf' })),
  });

  it.each<[string[], string | undefined, string, boolean]>([
    [[], undefined, '1.12.3', true],
    [['~> 1.14.0'], undefined, '1.11.4', false],
    [['~> 1.14.0'], undefined, '1.14.9', true],
    [['~> 1.14.0'], undefined, '1.15.0', false],
    [['~> 1.12'], undefined, '1.15.0', true],
    [['~> 1.12'], undefined, '2.0.0', false],
    [['~> 1'], undefined, '2.0.0', true],
    [['>= 1.11, < 1.13'], undefined, '1.13.0', false],
    [['>= 1.11', '< 1.13'], undefined, '1.12.9', true],
    [['>= 1.11', '< 1.13'], undefined, '1.13.1', false],
    [['1.12.1'], undefined, '1.12.1', true],
    [['= 1.12.1'], undefined, '1.12.2', false],
    [['!= 1.12.1'], undefined, '1.12.1', false],
    [['!=1.12.1,>1.11'], undefined, '1.12.0', true],
    [['>= v1.12'], undefined, '1.12.0', true],
    [[], '1.12.0', '1.12.0', true],
    [[], '1.12.0', '1.12.1', false],
    [['not a constraint'], undefined, '1.12.1', true],
  ])('%j and %j: %s on the PATH will do: %j', (constraints, exact, version, will) => {
    const candidates: Candidate[] = [{ flavour: 'terraform', binary: '/t', version }];
    expect(selectTerraform(candidates, demand(constraints, exact))?.version).toBe(will ? version : undefined);
    if (!will) expect(whyNot(candidates, demand(constraints, exact))).toContain(exact ?? constraints.at(-1));
  });

  it('can be met by OpenTofu, but for a version of Terraform', () => {
    const candidates: Candidate[] = [{ flavour: 'tofu', binary: '/o', version: '1.12.0' }];
    expect(selectTerraform(candidates, demand(['~> 1.12']))?.flavour).toBe('tofu');
    expect(selectTerraform(candidates, demand([], '1.12.0'))).toBeUndefined();
  });

  it.each<[string[], string | undefined, string | undefined]>([
    [[], undefined, '1.11.4'],
    [['>= 1.5'], undefined, '1.11.4'],
    [['~> 1.14.0'], undefined, '1.14.0'],
    [['>= 1.12, < 1.14', '!= 1.12.0'], undefined, '1.12.1'],
    [['!= 1.11.4'], undefined, '1.11.0'],
    [['1.13.3'], undefined, '1.13.3'],
    [['~> 1.14.0'], '1.14.2', '1.14.2'],
    [['~> 1.14.0'], '1.11.4', undefined],
    [['~> 1.5.0'], undefined, undefined],
    [['>= 1.14', '< 1.13'], undefined, undefined],
    [[], '1.5.7', undefined],
  ])('%j and %j: %j is installed', (constraints, exact, version) => {
    expect(versionToInstall(demand(constraints, exact))).toBe(version);
  });
});
