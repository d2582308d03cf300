import { describe, expect, it } from '@jest/globals';
import { classifyWork } from '../../src/terraform/failures.ts';

describe('classifyWork', () => {
  it.each([
    ['api error ExpiredToken: The security token included in the request is expired', 'credentials'],
    ['api error ExpiredTokenException: The security token included in the request is expired', 'credentials'],
    ['api error RequestExpired: Request has expired.', 'credentials'],
    ['api error LimitExceeded: you have 500 groups already', 'terraform-apply'],
    ['the variable expired_token_days is not declared', 'terraform-apply'],
  ])('%s', (detail, reason) => {
    const errors = [{ severity: 'error' as const, summary: 'creating Auto Scaling Group', detail }];
    expect(classifyWork(errors, { reason: 'terraform-apply', next: '' }).reason).toBe(reason);
  });
});
