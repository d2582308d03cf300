import { describe, expect, it } from '@jest/globals';
import { classifyInit, classifyWork, planAdvice } from '../../src/terraform/failures.ts';

describe('classifyWork', () => {
  it.each([
    ['api error ExpiredToken: The security token included in the request is expired', 'credentials'],
    ['api error ExpiredTokenException: The security token included in the request is expired', 'credentials'],
    ['api error RequestExpired: Request has expired.', 'credentials'],
    ['api error RequestTimeTooSkewed: The difference between the request time and', 'credentials'],
    ['api error SignatureDoesNotMatch: Signature not yet current: 20261128T', 'credentials'],
    ['write /tmp/plan: no space left on device', 'terraform-apply'],
    ['api error LimitExceeded: you have 500 groups already', 'terraform-apply'],
    ['the variable expired_token_days is not declared', 'terraform-apply'],
  ])('%s', (detail, reason) => {
    const errors = [{ severity: 'error' as const, summary: 'creating Auto Scaling Group', detail }];
    expect(classifyWork(errors, { reason: 'terraform-apply', next: '' }).reason).toBe(reason);
  });
});

it('a full disk is told by what to do, in whatever phase', () => {
  const text = 'Failed to install provider: write linux_amd64: no space\nleft on device';
  expect(classifyInit(text)).toEqual({
    reason: 'terraform-unavailable',
    next: expect.stringMatching(/disk of this runner is full/) as unknown,
  });
});

describe('planAdvice', () => {
  const error = (summary: string) => ({ severity: 'error' as const, summary });
  const variable = error('Invalid value for variable');

  it.each<[string, ReturnType<typeof error>[], string | undefined, RegExp]>([
    ['of the bundled root names the input', [variable, variable], undefined, /the input terraform-variables/],
    ['of the root of a user does not', [variable], 'infrastructure', /^correct what Terraform names/],
    ['of another error does not', [variable, error('creating VPC')], undefined, /^correct what Terraform/],
    ['of no error that is known does not', [], undefined, /^correct what Terraform/],
  ])('%s', (_what, errors, directory, advice) => {
    expect(planAdvice(errors, directory)).toMatch(advice);
  });
});

describe('an error that is known', () => {
  it.each([
    [
      "Error while installing hashicorp/aws v5.100.0: the current package for registry.terraform.io/hashicorp/aws\n5.100.0 doesn't match any of the checksums previously recorded in the\ndependency lock file",
      'terraform-unavailable',
      'terraform providers lock -platform=',
    ],
    ['Unsupported Terraform Core version\nmodule.vpc', 'terraform-contract', 'give a terraform-version'],
    [
      'Resource instance managed by newer provider version\nThe current state of module.service.aws_lb.main was created by a newer provider version than is currently selected.',
      'terraform-plan',
      'use the release of this action that deployed last',
    ],
    [
      'Error refreshing state: state data in S3 does not have the expected\ncontent.',
      'backend',
      'aws dynamodb delete-item --table-name <lock-table>',
    ],
  ])('%j is explained, whoever meets it', (text, reason, next) => {
    const [summary = '', ...detail] = text.split('\n');
    const diagnostic = { severity: 'error' as const, summary, detail: detail.join('\n') };
    for (const cause of [
      classifyInit(text),
      classifyWork([diagnostic], { reason: 'terraform-plan', next: 'otherwise' }),
    ]) {
      expect(cause.reason).toBe(reason);
      expect(cause.next).toContain(next);
    }
  });
});
