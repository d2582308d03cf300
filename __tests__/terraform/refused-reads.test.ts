import { expect, it } from '@jest/globals';
import { refusedReads } from '../../src/terraform/refused-reads.ts';

const error = (detail: string, summary = 'reading SSM Parameter (/shop/prod/KEY)') => ({
  severity: 'error' as const,
  summary,
  detail,
});
const denied = (action: string) =>
  error(
    `operation error SSM: GetParameter, https response error StatusCode: 400, AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/shop-prod-plan/x is not authorized to perform: ${action} on resource: arn:aws:ssm:eu-north-1:123456789012:parameter/shop/prod/KEY`,
  );

it.each([
  ['one refusal', [denied('ssm:GetParameter')], ['ssm:GetParameter']],
  [
    'several',
    [denied('ssm:GetParameter'), denied('kms:Decrypt'), denied('ssm:GetParameter')],
    ['kms:Decrypt', 'ssm:GetParameter'],
  ],
  [
    'EC2, which says it in its own way',
    [
      error(
        'UnauthorizedOperation: You are not authorized to perform this operation. User: x is not authorized to perform: ec2:DescribeVpcs',
      ),
    ],
    ['ec2:DescribeVpcs'],
  ],
  [
    'one that names no action',
    [error('AccessDenied: Access Denied', 'reading S3 Bucket')],
    ['reading S3 Bucket'],
  ],
  ['a mistake beside it', [denied('ssm:GetParameter'), error('Unsupported argument', 'x')], []],
  ['none', [], []],
])('what a role may not read: %s', (_, errors, expected) => {
  expect(refusedReads(errors)).toEqual(expected);
});
