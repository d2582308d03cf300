import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { failureText } from '../../src/core/text.ts';
import { shortFailureText } from '../../src/report/short-failure.ts';
import { failure } from './fixtures.ts';

/** What the runner takes of an annotation. */
const longest = 4096;

describe('shortFailureText', () => {
  it('is the whole failure where that fits', () => {
    expect(shortFailureText(failure, longest)).toBe(failureText(failure));
  });

  it.each([
    ['one long log', 1, 'a line of a log\n'.repeat(20_000), 'plain'],
    ['a log of short lines', 1, 'x\n'.repeat(50_000), 'plain'],
    ['many pieces', 60, 'a line of a log\n'.repeat(1000), 'plain'],
    ['labels of great length', 20, 'x'.repeat(5000), 'l'.repeat(3000)],
  ])('keeps what happened, what was left and what to do: %s', (_, pieces, log, label) => {
    const long = new DeployError({
      reason: 'boot-failed',
      message: `the new version does not start ${'m'.repeat(9000)}`,
      evidence: Array.from({ length: pieces }, () => ({
        label,
        text: `${log}the end`,
      })),
      left: `All run version 41 ${'l'.repeat(9000)}`,
      next: `mend it ${'n'.repeat(9000)}`,
    });
    const text = shortFailureText(long, longest);
    expect(text.length).toBeLessThanOrEqual(longest);
    for (const part of ['the new version does not start', 'left: All run version 41', 'next: mend it'])
      expect(text).toContain(part);
    expect(text).toMatch(/failure-reason=boot-failed$/);
    expect(text).toMatch(/in full: +above in this log/);
  });

  it('keeps the end of the evidence', () => {
    const text = `${'noise\n'.repeat(4000)}Error: the last word\n`;
    const long = new DeployError({
      reason: 'boot-failed',
      message: 'x',
      evidence: [{ label: 'said', text }],
    });
    expect(shortFailureText(long, longest)).toContain('Error: the last word\n');
  });
});
