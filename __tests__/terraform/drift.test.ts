import { describe, expect, it } from '@jest/globals';
import { driftIn } from '../../src/terraform/drift.ts';
import type { Attributes, PlanDocument, ResourceChange } from '../../src/terraform/plan-document.ts';

const address = 'aws_lb.main';
const change = (
  before: Attributes,
  after: Attributes | null,
  unknown: Attributes = {},
  type = 'aws_lb',
): ResourceChange => ({
  ...{ address, mode: 'managed', type },
  change: { actions: [after === null ? 'delete' : 'update'], before, after, after_unknown: unknown },
});
const plan = (drift: ResourceChange, planned?: ResourceChange): PlanDocument => ({
  resource_drift: [drift],
  resource_changes: planned ? [planned] : [],
});

const group = (before: Attributes, after: Attributes, unknown: Attributes = {}): ResourceChange =>
  change(before, after, unknown, 'aws_autoscaling_group');
const launches = (version: string, id = 'lt-1'): Attributes => ({
  launch_template: [{ id, version }],
});
const launchesMixed = (version: string): Attributes => ({
  mixed_instances_policy: [
    { launch_template: [{ launch_template_specification: [{ launch_template_id: 'lt-1', version }] }] },
  ],
});

describe('drift', () => {
  it.each<[string, PlanDocument, string[]]>([
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
    [
      'the version that the rollout moved the group to, which the plan moves back',
      plan(group(launches('1'), launches('2')), group(launches('2'), launches('1'))),
      [],
    ],
    [
      'that version in a mixed instances policy',
      plan(group(launchesMixed('1'), launchesMixed('2')), group(launchesMixed('2'), launchesMixed('3'))),
      [],
    ],
    [
      'the size that scaling gave the group, beside what somebody else changed',
      plan(
        group({ desired_capacity: 2, max_size: 4 }, { desired_capacity: 5, max_size: 9 }),
        group({ desired_capacity: 5, max_size: 9 }, { desired_capacity: 2, max_size: 4 }),
      ),
      ['aws_lb.main (changed: max_size)'],
    ],
    [
      'another template, which no rollout gives the group',
      plan(group(launches('1'), launches('1', 'lt-2')), group(launches('1', 'lt-2'), launches('1'))),
      ['aws_lb.main (changed: launch_template)'],
    ],
  ])('%s', (_case, document, drifted) => {
    expect(driftIn(document)).toEqual(drifted);
  });
});
