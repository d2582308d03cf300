import { describe, expect, it } from '@jest/globals';
import { codeOf, VcpuQuotas, vcpusOf } from '../../../local-cloud/cloud/vcpu-quotas.ts';

describe('vcpusOf', () => {
  it.each([
    ...[
      ['t2.micro', 1] as const,
      ['t3.nano', 2] as const,
      ['t4g.medium', 2] as const,
      ['m7g.medium', 1] as const,
    ],
    ...[['m7g.large', 2] as const, ['c7i.xlarge', 4] as const, ['r6g.4xlarge', 16] as const],
  ])('%s: %i', (type, vcpus) => {
    expect(vcpusOf(type)).toBe(vcpus);
  });
});

describe('codeOf', () => {
  it.each([
    ['t3.micro', 'L-1216C47A'],
    ['im4gn.large', 'L-1216C47A'],
    ['g4dn.xlarge', 'L-DB2E81BA'],
    ['inf2.xlarge', 'L-1945791B'],
    ['x2gd.medium', 'L-7295265B'],
    ['u-6tb1.metal', undefined],
  ])('%s: %s', (type, code) => {
    expect(codeOf(type)).toBe(code);
  });
});

describe('VcpuQuotas', () => {
  it("has plenty in a used account, AWS's first ones in a new one, and what is given of the standard families", () => {
    const of = (isNew: boolean, standard?: number) => {
      const quotas = new VcpuQuotas({ isNew, standard });
      return [quotas.valueOf('L-1216C47A'), quotas.valueOf('L-DB2E81BA')];
    };
    expect(of(false)).toEqual([100_000, 100_000]);
    expect(of(true)).toEqual([16, 0]);
    expect(of(true, 32)).toEqual([32, 0]);
  });

  it('takes a value that can be one, of a quota that it has', () => {
    const quotas = new VcpuQuotas({ isNew: false, standard: undefined });
    quotas.set('L-DB2E81BA', 8);
    expect(quotas.valueOf('L-DB2E81BA')).toBe(8);
    expect(() => quotas.set('L-1', 8)).toThrow(/there is no quota "L-1" here; known are L-1216C47A/);
    expect(() => quotas.set('L-DB2E81BA', -1)).toThrow("L-DB2E81BA can't be -1");
  });
});
