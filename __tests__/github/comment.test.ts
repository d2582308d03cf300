import { describe, expect, it } from '@jest/globals';
import { commentBody, commentMarker, longestComment } from '../../src/github/comment.ts';

const marker = commentMarker({ application: 'shop', environment: 'prod' });
const runUrl = 'https://github.com/octo-org/shop/actions/runs/1001';
const count = (text: string, part: string) => text.split(part).length - 1;

describe('the comment', () => {
  it('is the summary behind a marker of its environment', () => {
    expect(commentBody(marker, '## plan shop prod\n', runUrl)).toBe(
      '<!-- asg-deploy plan shop prod -->\n## plan shop prod\n',
    );
    expect(commentMarker({ application: 'shop', environment: 'dev' })).not.toBe(marker);
  });

  it.each([
    [
      'in the list of changes',
      `<details><summary>x</summary>\n\n\`\`\`\n${'~ aws_lb.main\n'.repeat(6000)}\`\`\`\n\n</details>\n`,
    ],
    ['in the forecast', `<pre>\n${'a line of the forecast\n'.repeat(4000)}</pre>\n`],
    ['behind both', `<pre>\none\n</pre>\n\n\`\`\`\ntwo\n\`\`\`\n${'| a | b |\n'.repeat(9000)}`],
  ])('that is too long is cut at a line, closed and told: %s', (_, summary) => {
    const body = commentBody(marker, summary, runUrl);
    expect(body.length).toBeLessThanOrEqual(longestComment);
    expect(body.length).toBeGreaterThan(longestComment - 1000);
    expect(body.startsWith(marker)).toBe(true);
    expect(body).toContain(`[The job summary](${runUrl}) has all of it`);
    expect(count(body, '```') % 2).toBe(0);
    expect(count(body, '<pre>')).toBe(count(body, '</pre>'));
    expect(count(body, '<details>')).toBe(count(body, '</details>'));
  });
});
