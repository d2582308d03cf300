import { describe, expect, it } from '@jest/globals';
import type { TerraformEvent } from '../../src/terraform/events.ts';
import { createProgress } from '../../src/terraform/progress.ts';

const hook = (type: string, addr: string, action = 'create', elapsed = 0): TerraformEvent => ({
  type,
  '@message': '',
  hook: { resource: { addr }, action, elapsed_seconds: elapsed },
});

describe('progress', () => {
  it('says what is done at once, and what is not every 20 s in one line', () => {
    const progress = createProgress();
    const lines = [
      ...progress(hook('apply_start', 'aws_lb.main'), 0),
      ...progress(hook('apply_start', 'aws_db_instance.main'), 0),
      ...progress(hook('apply_progress', 'aws_lb.main', 'create', 10), 10),
      ...progress(hook('apply_progress', 'aws_lb.main', 'create', 20), 20),
      ...progress(hook('apply_progress', 'aws_db_instance.main', 'create', 20), 20),
      ...progress(hook('apply_complete', 'aws_vpc.main', 'create', 1), 25),
      ...progress(hook('apply_complete', 'data.x', 'read', 1), 26),
      ...progress(hook('apply_progress', 'aws_lb.main', 'create', 40), 40),
      ...progress(hook('apply_complete', 'aws_lb.main', 'create', 62), 62),
      ...progress(hook('apply_errored', 'aws_db_instance.main', 'create', 67), 67),
    ];
    expect(lines).toEqual([
      ' 0:20  aws_lb.main: still creating, 20 s, and 1 more under way',
      ' 0:25  aws_vpc.main: created',
      ' 1:02  aws_lb.main: created in 1 min 2 s',
      ' 1:07  aws_db_instance.main: failed creating after 1 min 7 s',
    ]);
  });
});
