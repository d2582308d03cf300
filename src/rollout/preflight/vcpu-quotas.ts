/** A quota of EC2 that counts vCPUs: those that run, of some families of instance types. */
export interface VcpuQuota {
  code: string;
  /** As Service Quotas calls it. */
  name: string;
}

const standard = 'Standard (A, C, D, H, I, M, R, T, Z)';

/** Letters before the first digit of an instance type, and the quota that they count against. */
const families: { letters: readonly string[]; onDemand: VcpuQuota; spot?: VcpuQuota }[] = [
  {
    letters: ['a', 'c', 'd', 'h', 'i', 'im', 'is', 'm', 'r', 't', 'z'],
    onDemand: { code: 'L-1216C47A', name: `Running On-Demand ${standard} instances` },
    spot: { code: 'L-34B43A08', name: `All ${standard} Spot Instance Requests` },
  },
  {
    letters: ['f'],
    onDemand: { code: 'L-74FC7D96', name: 'Running On-Demand F instances' },
    spot: { code: 'L-88CF9481', name: 'All F Spot Instance Requests' },
  },
  {
    letters: ['g', 'gr', 'vt'],
    onDemand: { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances' },
    spot: { code: 'L-3819A6DF', name: 'All G and VT Spot Instance Requests' },
  },
  {
    letters: ['inf'],
    onDemand: { code: 'L-1945791B', name: 'Running On-Demand Inf instances' },
    spot: { code: 'L-B5D1601B', name: 'All Inf Spot Instance Requests' },
  },
  {
    letters: ['trn'],
    onDemand: { code: 'L-2C3B7624', name: 'Running On-Demand Trn instances' },
    spot: { code: 'L-6B0D517C', name: 'All Trn Spot Instance Requests' },
  },
  {
    letters: ['x'],
    onDemand: { code: 'L-7295265B', name: 'Running On-Demand X instances' },
    spot: { code: 'L-E3A00192', name: 'All X Spot Instance Requests' },
  },
  // Spot instances of its newer types count against another quota than those of the older ones.
  { letters: ['p'], onDemand: { code: 'L-417A185B', name: 'Running On-Demand P instances' } },
];

/**
 * The quota that an instance counts against (EC2 User Guide, "Amazon EC2 instance type quotas"); undefined for families
 * that this does not know. Pure.
 */
export function vcpuQuotaOf(instanceType: string, spot: boolean): VcpuQuota | undefined {
  const [, own = ''] = /^([a-z]+)\d/.exec(instanceType) ?? [];
  const family = families.find(({ letters }) => letters.includes(own));
  return spot ? family?.spot : family?.onDemand;
}
