import { describe, expect, it } from '@jest/globals';
import { supersedingRefresh } from '../../../src/rollout/rolling/superseded.ts';
import type { RefreshObservation } from '../../../src/rollout/model/observations.ts';
import { refresh } from '../../environment/helpers.ts';

/** The refreshes of the fixture began at 11:50. */
const since = new Date('2026-11-22T11:45:00Z');
const ours = { templateId: 'lt-1', version: 5 };
const other = (status: string, version: string, more: Partial<RefreshObservation> = {}) => ({
  ...refresh({ id: 'other', version, status }),
  ...more,
});

describe('a run is overtaken', () => {
  it.each<[string, boolean, RefreshObservation[]]>([
    ['by a later version that was rolled out', true, [other('Successful', '6')]],
    ['by one that is on its way', true, [other('InProgress', '6')]],
    ['by one that has not begun', true, [other('Pending', '6', { startTime: undefined })]],
    [
      'by one whose template is not named',
      true,
      [other('Successful', '6', { target: { templateId: '', version: '6' } })],
    ],
    ['by nobody', false, []],
    ['not by its own version', false, [other('Successful', '5')]],
    ['not by an earlier one', false, [other('Successful', '4')]],
    [
      'not by one that began before it',
      false,
      [other('Successful', '6', { startTime: new Date('2026-11-22T11:40:00Z') })],
    ],
    ['not by one that is going back', false, [other('RollbackInProgress', '6')]],
    ['not by one that failed', false, [other('Failed', '6')]],
    [
      'not by one that somebody has gone back from',
      false,
      [other('Successful', '4'), other('Successful', '6')],
    ],
    [
      'not by a version of another template',
      false,
      [other('Successful', '6', { target: { templateId: 'lt-2', version: '6' } })],
    ],
    ['not by one that does not say what it brings', false, [other('Successful', '6', { target: undefined })]],
  ])('%s', (_, overtaken, refreshes) => {
    expect(supersedingRefresh(refreshes, ours, since)?.id).toBe(overtaken ? 'other' : undefined);
  });
});
