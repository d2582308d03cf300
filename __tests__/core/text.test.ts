import { describe, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { failureText, shortDigest } from '../../src/core/text.ts';
import { digest, failure } from '../report/fixtures.ts';

describe('failureText', () => {
  it('is a sentence, the evidence, what was left, and what to do', () => {
    expect(failureText(failure).split('\n')).toEqual([
      'the new version does not start:',
      '  what the container said:  Error: no DATABASE_URL',
      '                              at start',
      '  what AWS said:            Target.FailedHealthChecks',
      '  left: All 2 instances run version 41.',
      '  next: add it to Parameter Store, then run this job again',
      '  failure-reason=boot-failed',
    ]);
  });

  it('lets what was left speak for itself where it begins with the rollback', () => {
    const undone = new DeployError({
      reason: 'boot-failed',
      message: 'it does not start',
      left: 'rolled back: both instances run version 1 again',
      rollback: 'done',
    });
    expect(failureText(undone)).toContain('\n  rolled back: both instances run version 1 again\n');
  });

  it('is one sentence for one wrong input', () => {
    const wrong = new DeployError({
      reason: 'input-invalid',
      message: 'timeout is "x"; give y',
      left: 'Nothing was touched.',
    });
    expect(failureText(wrong).split('\n')[0]).toBe('timeout is "x"; give y. Nothing was touched.');
  });
});

it('shortDigest', () => expect(shortDigest(digest)).toBe('sha256:9f3c1a2b…'));
