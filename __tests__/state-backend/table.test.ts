import { describe, expect, it } from '@jest/globals';
import { evaluateTable } from '../../src/state-backend/table.ts';
import type { ObservedTable } from '../../src/state-backend/table.ts';

/** Tags of what a run began and did not finish. */
const begun = { 'managed-by': 'asg-deploy', 'asg-deploy:setup': 'in-progress' };

describe('evaluateTable', () => {
  const table: ObservedTable = {
    arn: 'arn',
    status: 'ACTIVE',
    keys: ['LockID HASH S'],
    deletionProtected: true,
    pointInTimeRecovery: true,
    tags: {},
  };
  it.each<[string, Partial<ObservedTable>, string, number]>([
    ['a good one', {}, 'use', 0],
    ['one that is being made', { status: 'CREATING' }, 'use', 0],
    ['one that is being deleted', { status: 'DELETING' }, 'refuse', 0],
    ['a sort key', { keys: ['LockID HASH S', 'at RANGE N'] }, 'refuse', 0],
    ['a numeric key', { keys: ['LockID HASH N'] }, 'refuse', 0],
    ['a key of another case', { keys: ['LockId HASH S'] }, 'refuse', 0],
    ['one that a run began', { tags: begun, pointInTimeRecovery: false }, 'complete', 0],
    ['one without any protection', { deletionProtected: false, pointInTimeRecovery: false }, 'use', 2],
    ['one whose recovery can not be read', { pointInTimeRecovery: undefined, tags: undefined }, 'use', 0],
  ])('%s', (_name, changed, action, deviations) => {
    const evaluation = evaluateTable('locks', { ...table, ...changed });
    expect(evaluation.action).toBe(action);
    if (evaluation.action === 'use') expect(evaluation.deviations).toHaveLength(deviations);
  });
});
