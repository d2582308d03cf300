import { describe, expect, it } from '@jest/globals';
import { driftIn } from '../../src/terraform/drift.ts';

type Attributes = Record<string, unknown>;

const address = 'aws_lb.main';
const change = (before: Attributes, after: Attributes | null, unknown: Attributes = {}) => ({
  address,
  change: { actions: [after === null ? 'delete' : 'update'], before, after, after_unknown: unknown },
});
const plan = (drift: ReturnType<typeof change>, planned?: ReturnType<typeof change>): string =>
  JSON.stringify({ resource_drift: [drift], resource_changes: planned ? [planned] : [] });

describe('drift', () => {
  it.each<[string, string, string[]]>([
    [
      'changed outside, and changed back',
      plan(
        change({ idle_timeout: 60, name: 'a' }, { idle_timeout: 90, name: 'a' }),
        change({ idle_timeout: 90, name: 'a' }, { idle_timeout: 60, name: 'a' }),
      ),
      ['aws_lb.main (changed: idle_timeout)'],
    ],
    ['removed outside', plan(change({ name: 'a' }, null)), ['aws_lb.main (removed)']],
    ['changed outside, and left so', plan(change({ name: 'a' }, { name: 'b' })), []],
    [
      'read back as empty while something else is changed',
      plan(
        change({ tags: null, image: '1' }, { tags: {}, image: '1' }),
        change({ tags: {}, image: '1' }, { tags: {}, image: '2' }),
      ),
      [],
    ],
    [
      'read back as a list of nothing, and planned so',
      plan(
        change({ block: [], image: '1' }, { block: [{ name: '' }], image: '1' }),
        change({ block: [{ name: '' }], image: '1' }, { block: [], image: '2' }),
      ),
      [],
    ],
    [
      'what only AWS decides',
      plan(
        change({ latest_version: 1 }, { latest_version: 2 }),
        change({ latest_version: 2 }, {}, { latest_version: true }),
      ),
      [],
    ],
  ])('%s', (_case, text, drifted) => {
    expect(driftIn(text)).toEqual(drifted);
  });
});
