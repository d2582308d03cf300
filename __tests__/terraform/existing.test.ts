import { expect, it } from '@jest/globals';
import { existingAdvice } from '../../src/terraform/existing.ts';

const error = (summary: string, address?: string) => ({
  severity: 'error' as const,
  summary,
  ...(address !== undefined && { address }),
});

/** As the AWS provider writes them. */
const existing = [
  'creating EC2 Launch Template (shop-dev): operation error EC2: CreateLaunchTemplate, https response error StatusCode: 400, api error InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use.',
  'creating Auto Scaling Group (shop-dev): operation error Auto Scaling: CreateAutoScalingGroup, api error AlreadyExists: AutoScalingGroup by this name already exists',
  'creating IAM Role (shop-dev-instance): operation error IAM: CreateRole, EntityAlreadyExists: Role with name shop-dev-instance already exists.',
  'ELBv2 Load Balancer (shop-dev) already exists',
  'creating CloudWatch Logs Log Group (/shop/dev): operation error CloudWatch Logs: CreateLogGroup, ResourceAlreadyExistsException: The specified log group already exists',
  'creating S3 Bucket (shop-logs): operation error S3: CreateBucket, BucketAlreadyOwnedByYou:',
  'creating RDS DB Instance (shop-dev): operation error RDS: CreateDBInstance, DBInstanceAlreadyExists: DB instance already exists',
  'creating ELBv2 Target Group: DuplicateTargetGroupName: A target group with the same name exists',
];

it.each(existing)('%s', (summary) => {
  const advice = existingAdvice([error(summary, 'module.service.aws_thing.main["blue"]')]);
  expect(advice).toMatch(/is not in this state/);
  expect(advice).toContain(`terraform import 'module.service.aws_thing.main["blue"]' <id>`);
});

it('names each of several, and none whose address is not known', () => {
  const [one = '', other = ''] = existing;
  expect(existingAdvice([error(one, 'aws_a.a'), error(other, 'aws_b.b'), error(other)])).toMatch(
    /import it \(terraform import 'aws_a\.a' <id>; terraform import 'aws_b\.b' <id>\); then/,
  );
  expect(existingAdvice([error(one)])).toMatch(/import it; then/);
});

it.each([
  ['of another error', [error('creating VPC: VpcLimitExceeded')]],
  ['where another error is to be corrected first', [error(existing[0] ?? ''), error('AccessDenied')]],
  ['of no error', []],
])('says nothing %s', (_, errors) => {
  expect(existingAdvice(errors)).toBeUndefined();
});
