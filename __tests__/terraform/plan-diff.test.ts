import { describe, expect, it } from '@jest/globals';
import { editsIn } from '../../src/terraform/plan-diff.ts';
import type { Change } from '../../src/terraform/plan-document.ts';

const edits = (change: Partial<Change>, mode = 'managed') =>
  editsIn({
    resource_changes: [
      {
        ...{ address: 'aws_lb.main', mode, type: 'aws_lb' },
        change: { actions: ['update'], before: {}, after: {}, ...change },
      },
    ],
  });

describe('editsIn', () => {
  it('names what changes, from what to what', () => {
    const before = { idle_timeout: 60, name: 'shop', tags: { a: '1' }, empty: null };
    const after = { idle_timeout: 30, name: 'shop', tags: { a: '2' }, empty: '' };
    expect(edits({ before, after })).toEqual([
      {
        address: 'aws_lb.main',
        attributes: [
          { name: 'idle_timeout', from: '60', to: '30' },
          { name: 'tags', from: '{"a":"1"}', to: '{"a":"2"}' },
        ],
      },
    ]);
  });

  it.each<[string, Partial<Change>, { from: string; to: string }]>([
    [
      'a sensitive value',
      { before: { x: 'one' }, after: { x: 'two' }, after_sensitive: { x: true } },
      { from: '(sensitive)', to: '(sensitive)' },
    ],
    [
      'a part of one that is',
      { before: { x: ['one'] }, after: { x: ['two'] }, before_sensitive: { x: [true] } },
      { from: '(sensitive)', to: '(sensitive)' },
    ],
    [
      'what is known only afterwards',
      { before: { x: 'one' }, after: {}, after_unknown: { x: true } },
      { from: '"one"', to: '(known after apply)' },
    ],
    [
      'a text of several lines',
      { before: { x: 'one\ntwo' }, after: { x: 'three' } },
      { from: '(text of several lines)', to: '"three"' },
    ],
    [
      'a long one',
      { before: { x: null }, after: { x: 'y'.repeat(100) } },
      { from: 'null', to: `"${'y'.repeat(59)}…` },
    ],
  ])('shows of %s no more than it may', (_what, change, shown) => {
    expect(edits(change)[0]?.attributes).toEqual([{ name: 'x', ...shown }]);
  });

  it('shows no user data, which may hold anything', () => {
    const [edit] = edits({ before: { user_data: 'aGVsbG8=' }, after: { user_data: 'd29ybGQ=' } });
    expect(edit?.attributes).toEqual([{ name: 'user_data', from: '(user data)', to: '(user data)' }]);
  });

  it.each<[string, Partial<Change>]>([
    [
      'what only follows',
      { before: { latest_version: 1 }, after: {}, after_unknown: { latest_version: true } },
    ],
    ['what is made', { actions: ['create'], before: null, after: { x: 1 } }],
    ['what goes', { actions: ['delete'], before: { x: 1 }, after: null }],
  ])('leaves out %s', (_what, change) => {
    expect(edits(change)).toEqual([]);
  });

  it('leaves out what is only read', () => {
    expect(edits({ before: { x: 1 }, after: { x: 2 } }, 'data')).toEqual([]);
  });

  it('has nothing to say of an empty plan', () => {
    expect(editsIn({})).toEqual([]);
  });
});
