import { describe, expect, it } from '@jest/globals';
import type { Candidate } from '../../src/terraform/select.ts';
import { parseVersion, selectTerraform, whyNot } from '../../src/terraform/select.ts';

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
