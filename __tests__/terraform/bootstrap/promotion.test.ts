/** An image that one account builds and another one runs: both sides have to allow it. */
import { beforeAll, expect, it } from '@jest/globals';
import { describeWith } from '../../support/tools.ts';
import type { Policies } from './rendered.ts';
import { allows, ofRole, renderPolicies } from './rendered.ts';

const builder = '111111111111';
const resource = `arn:aws:ecr:eu-north-1:${builder}:repository/shop`;
const as = (role: string) => ({ 'aws:PrincipalArn': `arn:aws:iam::123456789012:role/${role}` });

let registry: Policies;
let runner: Policies;

describeWith(['terraform'], 'promotion to another account', () => {
  beforeAll(async () => {
    const github = { repository: 'octo-org/shop' };
    registry = await renderPolicies(
      { application: 'shop', github, pull_accounts: ['123456789012'] },
      builder,
    );
    const image_repositories = [`${builder}.dkr.ecr.eu-north-1.amazonaws.com/shop`];
    runner = await renderPolicies({ application: 'shop', region: 'eu-west-1', github, image_repositories });
  });

  const ask = (identity: Policies, action: string, role: string) =>
    allows(identity, { action, resource, account: builder, context: as(role) }, registry.repository);
  const boundary = () => ({ boundary: runner['shop-dev-instance-boundary'] ?? { Statement: [] } });

  it.each(['DescribeImages', 'DescribeRepositories', 'BatchGetImage', 'GetDownloadUrlForLayer'])(
    'lets the deploy role there call ecr:%s',
    async (action) => {
      expect(await ask(ofRole(runner, 'shop-dev'), `ecr:${action}`, 'shop-dev-deploy')).toBe(true);
    },
  );

  it('lets instances there pull', async () => {
    expect(await ask(boundary(), 'ecr:BatchGetImage', 'shop-dev-instance')).toBe(true);
    expect(await ask(boundary(), 'ecr:GetDownloadUrlForLayer', 'shop-dev-instance')).toBe(true);
  });

  it('lets nobody there push, and no other role pull', async () => {
    expect(await ask(ofRole(runner, 'shop-dev'), 'ecr:PutImage', 'shop-dev-deploy')).toBe(false);
    expect(await ask(ofRole(runner, 'shop-dev'), 'ecr:BatchGetImage', 'till-dev-deploy')).toBe(false);
  });

  it('is nothing that either account has unasked', async () => {
    const plain = await renderPolicies({ application: 'shop', github: { repository: 'octo-org/shop' } });
    expect(plain.repository).toBeUndefined();
    expect(await ask(ofRole(plain, 'shop-dev'), 'ecr:BatchGetImage', 'shop-dev-deploy')).toBe(false);
  });
});
