import { describe, expect, it } from '@jest/globals';
import { audienceOf, claimsOf, trustAdvice } from '../../src/aws/identity-token.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('claimsOf', () => {
  it('reads the payload', () => {
    const payload = { iss: 'https://i', sub: 'repo:o/n:ref:refs/heads/main', aud: 'a', iat: 1 };
    expect(claimsOf(`${part({ alg: 'RS256' })}.${part(payload)}.c2ln`)).toEqual({
      issuer: 'https://i',
      subject: 'repo:o/n:ref:refs/heads/main',
      audience: 'a',
    });
  });

  it.each(['no-token', 'a.b.c', ''])('reads nothing in %j', (token) => {
    expect(claimsOf(token)).toBeUndefined();
  });
});

describe('audienceOf', () => {
  it('is the one of the partition', () => {
    expect(audienceOf('arn:aws:iam::123456789012:role/x')).toBe('sts.amazonaws.com');
    expect(audienceOf('arn:aws-us-gov:iam::123456789012:role/x')).toBe('sts.amazonaws.com');
    expect(audienceOf('arn:aws-cn:iam::123456789012:role/x')).toBe('sts.amazonaws.com.cn');
  });
});

describe('trustAdvice', () => {
  const environment = {
    GITHUB_REPOSITORY: 'octo-org/shop',
    GITHUB_REPOSITORY_OWNER_ID: '1',
    GITHUB_REPOSITORY_ID: '2',
  };
  const claims = (subject: string) => ({ issuer: undefined, subject, audience: 'sts.amazonaws.com' });

  it.each([
    [
      'repo:octo-org/shop:ref:refs/heads/main',
      /^give the job `environment: prod`.*allow the subject repo:octo-org\/shop:ref:refs\/heads\/main/,
    ],
    [
      'repo:octo-org/shop:pull_request',
      /^let the job of a pull request assume the plan role of prod, .*github\.plan_environments; or .*allow the subject repo:octo-org\/shop:pull_request/,
    ],
    ['repo:octo-org/shop:environment:dev', /^give the job `environment: prod`/],
    [
      'repo:octo-org/shop:environment:prod',
      /^let the role's trust policy allow the subject repo:octo-org\/shop:environment:prod.*form with ids/,
    ],
    [
      'repo:octo-org@1/shop@2:environment:prod',
      /allow the subject repo:octo-org@1\/shop@2:environment:prod .*since July 2026, and a policy for repo:owner\/name does not match/,
    ],
  ])('for %s', (subject, advice) => {
    expect(trustAdvice({ claims: claims(subject), stage: 'prod', environment })).toMatch(advice);
  });

  it('names both forms where the token can not be read', () => {
    expect(trustAdvice({ claims: undefined, stage: 'prod', environment })).toMatch(
      /subject repo:octo-org\/shop:environment:prod or, .*, repo:octo-org@1\/shop@2:environment:prod,/,
    );
  });
});
