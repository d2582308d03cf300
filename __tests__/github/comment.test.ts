import { describe, expect, it } from '@jest/globals';
import type { PlanOrigin } from '../../src/github/comment.ts';
import {
  commentBody,
  commentMarker,
  isNewer,
  outdatedBody,
  roomForSummary,
} from '../../src/github/comment.ts';

const marker = commentMarker({ application: 'shop', environment: 'prod' });
const origin: PlanOrigin = {
  runId: '1001',
  runUrl: 'https://github.com/octo-org/shop/actions/runs/1001',
  commit: '4e1a2b7'.padEnd(40, '0'),
  commitUrl: `https://github.com/octo-org/shop/commit/${'4e1a2b7'.padEnd(40, '0')}`,
};

describe('the comment', () => {
  it('is the summary behind a marker of its environment, and names commit and run', () => {
    const body = commentBody(marker, '## plan shop prod\n', origin);
    expect(body.startsWith('<!-- asg-deploy plan shop prod -->\n')).toBe(true);
    expect(body).toMatch(/commit \[4e1a2b7\]\(https:[^)]+\) · \[run\]\(https:[^)]+runs\/1001\)/);
    expect(body.endsWith('\n\n## plan shop prod\n')).toBe(true);
    expect(commentMarker({ application: 'shop', environment: 'dev' })).not.toBe(marker);
  });

  it('with as long a summary as it may have is one that GitHub takes, out of date or not', () => {
    const body = commentBody(marker, 'x'.repeat(roomForSummary), origin);
    expect(outdatedBody(body, origin).length).toBeLessThanOrEqual(65_536);
  });

  it.each([
    ['1000', false],
    ['1001', false],
    ['1002', true],
    ['999', false],
  ])('of run %s is newer than that of 1001: %s', (runId, expected) => {
    expect(isNewer(commentBody(marker, 'plan', { ...origin, runId }), origin)).toBe(expected);
    expect(isNewer(`${marker}\nof an older release of the action`, origin)).toBe(false);
  });
});
