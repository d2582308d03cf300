import { describe, expect, it } from '@jest/globals';
import { statusMeaning } from '../../../src/rollout/model/refresh-status.ts';

describe('statusMeaning', () => {
  it('has a branch for each of the ten statuses, and takes an unknown one for active', () => {
    const active = ['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'];
    const over = ['Successful', 'Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful'];
    for (const status of active) expect(statusMeaning(status)).toMatchObject({ active: true, known: true });
    for (const status of over) expect(statusMeaning(status)).toMatchObject({ active: false, known: true });
    expect(statusMeaning('Pausing')).toMatchObject({ active: true, known: false });
    expect(statusMeaning('toString')).toMatchObject({ active: true, known: false });
  });
});
