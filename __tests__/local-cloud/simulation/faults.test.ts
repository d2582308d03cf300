import { describe, expect, it } from '@jest/globals';
import { faultsFor, parseFleetFault } from '../../../local-cloud/simulation/faults.ts';

const faults = [
  { noCapacity: true as const },
  { group: 'shop-dev', drainSeconds: 9 },
  { group: 'shop-dev', templateVersion: 2, noCapacity: 'No such image.' },
];

describe('faultsFor', () => {
  it.each([
    ['other-dev', 2, { noCapacity: true }],
    ['shop-dev', 1, { noCapacity: true, drainSeconds: 9 }],
    ['shop-dev', 2, { noCapacity: 'No such image.', drainSeconds: 9 }],
  ])('puts together what holds for %s, version %i', (group, templateVersion, expected) => {
    expect(faultsFor(faults, { group, templateVersion })).toMatchObject(expected);
  });

  it('keeps a fault of one group from all others', () => {
    expect(faultsFor(faults.slice(1), { group: 'other-dev', templateVersion: 2 })).toEqual({});
  });
});

describe('parseFleetFault', () => {
  it.each([
    [{ group: '' }, 'the fleet fault "group" can\'t be ""'],
    [{ neverHealthy: 'Target.Gone' }, 'the fleet fault "neverHealthy" can\'t be "Target.Gone"'],
    [{ nonsense: true }, 'there is no fleet fault "nonsense"; known are group, templateVersion'],
  ])('refuses %j', (fault, message) => {
    expect(() => parseFleetFault(fault)).toThrow(message);
  });
});
