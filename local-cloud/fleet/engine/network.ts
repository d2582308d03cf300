/** Where an instance goes: its subnet and its private address. Pure. */
import { countsAsCapacity, type Group, type Instance, type Subnet } from './state.ts';

/** The group's subnet that holds the fewest instances; the first of equals, so that zones fill evenly. */
export function pickSubnet(group: Group): Subnet {
  const counts = new Map(group.subnets.map((subnet) => [subnet, 0]));
  for (const instance of group.instances.values()) {
    const subnet = group.subnets.find((candidate) => isIn(candidate, instance));
    if (subnet && countsAsCapacity(instance)) counts.set(subnet, (counts.get(subnet) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => a - b);
  if (first === undefined) throw new Error(`Auto Scaling group ${group.name} has neither subnet nor zone`);
  return first[0];
}

const isIn = (subnet: Subnet, instance: Instance): boolean =>
  subnet.subnetId === instance.subnetId && subnet.availabilityZone === instance.availabilityZone;

/**
 * The first free IPv4 address of a block, from its tenth on (EC2 keeps the first four for itself).
 * @param cidrBlock for instance 10.0.1.0/24
 * @param used addresses that are taken
 */
export function pickAddress(cidrBlock: string, used: ReadonlySet<string>): string {
  const [base = '10.0.0.0', length = '16'] = cidrBlock.split('/');
  const start = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  for (let offset = Math.min(10, size - 2); offset < size - 1; offset += 1) {
    const address = toAddress(start + offset);
    if (!used.has(address)) return address;
  }
  return toAddress(start + Math.min(10, size - 2));
}

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
