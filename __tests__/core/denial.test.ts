import { describe, expect, it } from '@jest/globals';
import { adviceOn, denialIn } from '../../src/core/denial.ts';

const user = 'User: arn:aws:sts::123456789012:assumed-role/shop-dev-deploy/asg-deploy-1';
const vpc = 'arn:aws:ec2:eu-north-1:123456789012:vpc/vpc-1';

describe('denialIn', () => {
  it.each([
    [
      `AccessDenied: ${user} is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::123456789012:role/x because no identity-based policy allows the iam:CreateRole action`,
      {
        action: 'iam:CreateRole',
        resource: 'arn:aws:iam::123456789012:role/x',
        explicit: false,
        policy: 'identity-based policy',
      },
    ],
    [
      `api error UnauthorizedOperation: You are not authorized to perform this operation. ${user} is not authorized to perform: ec2:DeleteVpc on resource: ${vpc} because no identity-based policy allows the ec2:DeleteVpc action. Encoded authorization failure message: AbC`,
      { action: 'ec2:DeleteVpc', resource: vpc, explicit: false, policy: 'identity-based policy' },
    ],
    [
      `AuthorizationError: ${user} is not authorized to perform: SNS:CreateTopic on resource: arn:aws:sns:eu-north-1:123456789012:shop because no identity-based policy allows the SNS:CreateTopic action`,
      {
        action: 'sns:CreateTopic',
        resource: 'arn:aws:sns:eu-north-1:123456789012:shop',
        explicit: false,
        policy: 'identity-based policy',
      },
    ],
    [
      `${user} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny in a resource-based policy`,
      {
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::b/k',
        explicit: true,
        policy: 'resource-based policy',
      },
    ],
    [
      `${user} is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::b because no permissions boundary allows the s3:ListBucket action`,
      {
        action: 's3:ListBucket',
        resource: 'arn:aws:s3:::b',
        explicit: false,
        policy: 'permissions boundary',
      },
    ],
    [
      // Terraform breaks the lines of what it quotes.
      `│ Error: deleting VPC: ${user} is not\n│ authorized to perform: x`,
      undefined,
    ],
    [
      `denied: ${user} is not authorized to\nperform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-north-1:123456789012:repository/shop because no identity-based policy allows the ecr:InitiateLayerUpload action`,
      {
        action: 'ecr:InitiateLayerUpload',
        resource: 'arn:aws:ecr:eu-north-1:123456789012:repository/shop',
        explicit: false,
        policy: 'identity-based policy',
      },
    ],
    [
      `${user} is not authorized to perform: ec2:DescribeVpcs`,
      { action: 'ec2:DescribeVpcs', resource: undefined, explicit: false, policy: undefined },
    ],
    ['Access denied', undefined],
  ])('reads %s', (text, denial) => {
    const found = denialIn(text);
    expect(found).toEqual(denial && { principal: user.replace('User: ', ''), ...denial });
  });
});

describe('adviceOn', () => {
  const principal = 'arn:aws:sts::123456789012:assumed-role/shop-dev-deploy/asg-deploy-1';
  const denial = { principal, action: 'ec2:DeleteVpc', resource: vpc, explicit: false } as const;

  it('is the statement to add, and to whom', () => {
    expect(adviceOn({ ...denial, policy: 'identity-based policy' })).toBe(
      `give role shop-dev-deploy this statement: {"Effect":"Allow","Action":"ec2:DeleteVpc","Resource":"${vpc}"}; where terraform/bootstrap made the role, its newest version may have it: apply it again`,
    );
  });

  it.each([
    ['permissions boundary', 'the permissions boundary of role shop-dev-deploy'],
    ['resource-based policy', `the policy of ${vpc} itself`],
    ['service control policy', 'a service control policy of your organisation'],
    ['VPC endpoint policy', "the policy of the network's VPC endpoint"],
  ] as const)('names the %s where that is the limit', (policy, place) => {
    const allow = `${place} has to allow role shop-dev-deploy ec2:DeleteVpc on ${vpc}`;
    expect(adviceOn({ ...denial, policy })).toBe(allow);
    expect(adviceOn({ ...denial, policy, explicit: true })).toMatch(
      `${place} denies ec2:DeleteVpc on ${vpc}, which no other statement outweighs`,
    );
  });
});
