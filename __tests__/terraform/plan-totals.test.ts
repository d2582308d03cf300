import { describe, expect, it } from '@jest/globals';
import type { PlanDocument } from '../../src/terraform/plan-document.ts';
import { changesIn, totalsIn } from '../../src/terraform/plan-totals.ts';
import { documentOf, resource } from './plan-documents.ts';

const of = (actions: string[], more = {}, importing?: unknown): PlanDocument =>
  documentOf(resource('aws_lb', { actions, importing }, more));

describe('what a plan itself says that it would do', () => {
  it.each<[string, PlanDocument, string[], number[]]>([
    ['makes', of(['create']), ['+ aws_lb.main'], [1, 0, 0]],
    ['changes', of(['update']), ['~ aws_lb.main'], [0, 1, 0]],
    ['destroys', of(['delete']), ['- aws_lb.main'], [0, 0, 1]],
    ['replaces, the old one first', of(['delete', 'create']), ['-/+ aws_lb.main'], [1, 0, 1]],
    ['replaces, the new one first', of(['create', 'delete']), ['-/+ aws_lb.main'], [1, 0, 1]],
    ['makes one and forgets the other', of(['create', 'forget']), ['-/+ aws_lb.main'], [1, 0, 0]],
    ['forgets', of(['forget']), ['x aws_lb.main'], [0, 0, 0]],
    [
      'moves',
      of(['no-op'], { previous_address: 'aws_lb.old' }),
      ['→ aws_lb.main (moved from aws_lb.old)'],
      [0, 0, 0],
    ],
    ['takes over', of(['no-op'], {}, { id: 'arn:lb' }), ['<- aws_lb.main (imported from arn:lb)'], [0, 0, 0]],
    [
      'takes over and changes',
      of(['update'], {}, { id: 'a' }),
      ['~ aws_lb.main (imported from a)'],
      [0, 1, 0],
    ],
    ['does what nobody knows', of(['evict']), ['? aws_lb.main'], [0, 0, 0]],
    ['reads data', of(['read'], { mode: 'data' }), [], [0, 0, 0]],
    ['does nothing', of(['no-op']), [], [0, 0, 0]],
  ])('%s', (_, document, changes, [add, change, destroy]) => {
    expect(totalsIn(document)).toEqual({ add, change, destroy, changes });
    expect(changesIn(document)).toBe(changes.length > 0);
  });

  it.each([
    [['no-op'], false],
    [['create'], true],
    [['delete'], true],
  ])('of an output: %j', (actions, expected) => {
    expect(changesIn({ output_changes: { url: { actions, after: null } } })).toBe(expected);
  });
});
