/** Plans that only look, and the plan that destroys: the real terraform on a root without providers. */
import { describe, expect, it } from '@jest/globals';
import { resourcesIn } from '../../src/terraform/resources.ts';

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
