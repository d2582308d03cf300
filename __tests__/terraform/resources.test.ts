/** Plans that only look, and the plan that destroys: the real terraform on a root without providers. */
import { describe, expect, it } from '@jest/globals';
import { destroyedIn, resourcesIn } from '../../src/terraform/resources.ts';

describe('resourcesIn', () => {
  it('leaves out data sources, and gives what is yet to be made no attributes', () => {
    const plan = {
      resource_changes: [
        {
          address: 'data.x.y',
          mode: 'data',
          type: 'x',
          change: { actions: ['read'], before: {}, after: null },
        },
        {
          address: 'aws_lb.main',
          mode: 'managed',
          type: 'aws_lb',
          change: { actions: ['create'], before: null, after: {} },
        },
      ],
    };
    expect(resourcesIn(plan)).toEqual([{ address: 'aws_lb.main', type: 'aws_lb', before: {} }]);
    expect(resourcesIn({})).toEqual([]);
  });
});

describe('destroyedIn', () => {
  it.each<[string, string[], string, boolean]>([
    ['destroyed', ['delete'], 'managed', true],
    ['replaced, the old one first', ['delete', 'create'], 'managed', true],
    ['replaced, the new one first', ['create', 'delete'], 'managed', true],
    ['made', ['create'], 'managed', false],
    ['changed', ['update'], 'managed', false],
    ['forgotten', ['forget'], 'managed', false],
    ['left', ['no-op'], 'managed', false],
    ['read', ['delete'], 'data', false],
  ])('has what is %s', (_, actions, mode, has) => {
    const change = { actions, before: { arn: 'arn:lb' }, after: null };
    const found = destroyedIn({
      resource_changes: [{ address: 'aws_lb.main', type: 'aws_lb', mode, change }],
    });
    expect(found).toEqual(has ? [{ address: 'aws_lb.main', type: 'aws_lb', before: { arn: 'arn:lb' } }] : []);
  });

  it('has an object that an interrupted replacement left behind', () => {
    const change = { actions: ['delete'], before: {}, after: null };
    const left = { address: 'aws_lb.main', type: 'aws_lb', mode: 'managed', deposed: 'abc', change };
    expect(destroyedIn({ resource_changes: [left] })).toHaveLength(1);
  });
});
