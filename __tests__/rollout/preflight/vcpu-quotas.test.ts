import { describe, expect, it } from '@jest/globals';
import { vcpuQuotaOf } from '../../../src/rollout/preflight/vcpu-quotas.ts';

describe('the quota that an instance counts against', () => {
  it.each([
    ['t3.micro', 'L-1216C47A', 'L-34B43A08'],
    ['m7g.large', 'L-1216C47A', 'L-34B43A08'],
    ['is4gen.medium', 'L-1216C47A', 'L-34B43A08'],
    ['i4i.large', 'L-1216C47A', 'L-34B43A08'],
    ['d3en.xlarge', 'L-1216C47A', 'L-34B43A08'],
    ['g4dn.xlarge', 'L-DB2E81BA', 'L-3819A6DF'],
    ['gr6.4xlarge', 'L-DB2E81BA', 'L-3819A6DF'],
    ['vt1.3xlarge', 'L-DB2E81BA', 'L-3819A6DF'],
    ['inf2.xlarge', 'L-1945791B', 'L-B5D1601B'],
    ['trn1.2xlarge', 'L-2C3B7624', 'L-6B0D517C'],
    ['f2.6xlarge', 'L-74FC7D96', 'L-88CF9481'],
    ['x2gd.medium', 'L-7295265B', 'L-E3A00192'],
    ['p5.48xlarge', 'L-417A185B', undefined],
    ['dl1.24xlarge', undefined, undefined],
    ['hpc7g.4xlarge', undefined, undefined],
    ['mac2.metal', undefined, undefined],
    ['u-6tb1.metal', undefined, undefined],
  ])('%s: %s, as Spot %s', (type, onDemand, spot) => {
    expect([vcpuQuotaOf(type, false)?.code, vcpuQuotaOf(type, true)?.code]).toEqual([onDemand, spot]);
  });
});
