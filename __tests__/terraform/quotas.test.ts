import { describe, expect, it } from '@jest/globals';
import { quotaAdvice } from '../../src/terraform/quotas.ts';

const error = (detail: string) => ({ severity: 'error' as const, summary: 'creating EC2 VPC', detail });

describe('quotaAdvice', () => {
  it.each([
    ['api error VpcLimitExceeded: The maximum number of VPCs has been reached.', 'vpc', 'L-F678F1CE'],
    [
      'api error AddressLimitExceeded: The maximum number of addresses has been reached.',
      'ec2',
      'L-0263D0A3',
    ],
    ['TooManyTargetGroups: The maximum number of target groups', 'elasticloadbalancing', 'L-B22855CB'],
    ['api error InstanceQuotaExceeded: DB instance quota exceeded', 'rds', 'L-7B6409FD'],
  ])('%s', (detail, service, code) => {
    expect(quotaAdvice([error(detail)], 'eu-north-1')).toContain(
      `aws service-quotas request-service-quota-increase --region eu-north-1 --service-code ${service} --quota-code ${code} `,
    );
  });

  it('names every quota that is used up', () => {
    const errors = [error('VpcLimitExceeded: x'), error('AddressLimitExceeded: y')];
    expect(quotaAdvice(errors, 'eu-north-1')).toMatch(/VPCs per region .*; elastic IPs per region /);
  });

  it.each([
    ['api error LimitExceeded: you have 500 groups already'],
    ['the name MyVpcLimitExceededAlarm is taken'],
  ])('has nothing to say about %s', (detail) => {
    expect(quotaAdvice([error(detail)], 'eu-north-1')).toBeUndefined();
  });
});
