import { describe, expect, it } from '@jest/globals';
import { IdentityTokenError } from '../../src/aws/identity-token.ts';
import type { Attempt } from '../../src/aws/role-refusals.ts';
import { explainRefusedRole, isPassing } from '../../src/aws/role-refusals.ts';

const arn = 'arn:aws:iam::123456789012:role/shop-deploy';

function attempt(way: 'identity-token' | 'job-credentials', changed: Partial<Attempt> = {}): Attempt {
  return {
    role: {
      arn,
      with: way,
      chained: false,
      sessionName: 'x',
      durationSeconds: 43_200,
      externalId: undefined,
    },
    region: 'eu-north-1',
    application: 'shop',
    stage: 'prod',
    environment: {},
    claims: {
      issuer: 'https://token.actions.githubusercontent.com',
      subject: 'repo:octo-org/shop:environment:prod',
      audience: 'sts.amazonaws.com',
    },
    ...changed,
  };
}

function refused(name: string, message = 'said so', status = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

const token = attempt('identity-token');
const keys = attempt('job-credentials');

describe('explainRefusedRole', () => {
  const rows: [string, Error, Attempt, RegExp, RegExp, boolean][] = [
    [
      'keys that STS could not get',
      refused(
        'InvalidIdentityToken',
        "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
      ),
      token,
      /^STS could not get GitHub's keys/,
      /run this job again/,
      true,
    ],
    [
      'an identity provider that STS could not reach',
      refused('IDPCommunicationErrorException', 'The identity provider could not be reached'),
      token,
      /could not reach GitHub/,
      /run this job again/,
      true,
    ],
    [
      'no provider',
      refused(
        'InvalidIdentityTokenException',
        'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
      ),
      token,
      /^account 123456789012 has no OIDC provider for GitHub$/,
      /terraform\/bootstrap does/,
      false,
    ],
    [
      'an audience',
      refused('InvalidIdentityToken', 'Incorrect token audience'),
      token,
      /does not take the audience sts.amazonaws.com$/,
      /add sts.amazonaws.com to the audiences/,
      false,
    ],
    [
      'a thumbprint',
      refused(
        'InvalidIdentityToken',
        "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
      ),
      token,
      /thumbprint of GitHub's OIDC provider/,
      /renew/,
      false,
    ],
    [
      'a token',
      refused('IDPRejectedClaim', 'no'),
      token,
      /does not take the job's identity token/,
      /token.actions/,
      false,
    ],
    [
      'a token that is too old',
      refused('ExpiredTokenException', 'Token expired', 400),
      token,
      /identity token, made a moment ago, has expired/,
      /clock/,
      true,
    ],
    [
      'credentials of the job that have expired',
      refused('ExpiredToken', 'The security token included in the request is expired', 403),
      keys,
      /the job's own credentials, .* have expired/,
      /right before this step/,
      false,
    ],
    [
      'a region without STS',
      refused('RegionDisabledException', 'STS is not activated in this region', 403),
      token,
      /STS is switched off in eu-north-1/,
      /switch it on/,
      false,
    ],
    [
      'a trust policy',
      refused('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403),
      token,
      /shop-deploy can not be assumed by this job: its trust policy/,
      /allow the subject repo:octo-org\/shop:environment:prod and the audience sts.amazonaws.com/,
      false,
    ],
    [
      'a trust policy, to keys',
      refused('AccessDenied', 'User: x is not authorized to perform: sts:AssumeRole', 403),
      keys,
      /can not be assumed with the job's own credentials/,
      /give role-external-id/,
      false,
    ],
    [
      'an ARN',
      refused('ValidationError', 'Request ARN is invalid'),
      token,
      /^role-to-assume is "arn:aws:iam::123456789012:role\/shop-deploy", which AWS takes for no role's ARN$/,
      /as IAM shows it/,
      false,
    ],
    [
      'a duration',
      refused(
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      ),
      token,
      /^role-duration-seconds is 43200, which is longer than arn:.* allows$/,
      /7200/,
      false,
    ],
    [
      'a duration of a chained role',
      refused(
        'ValidationError',
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
      ),
      keys,
      /^role-duration-seconds is 43200, and AWS gives an hour/,
      /3600 or less/,
      false,
    ],
    [
      'session tags',
      refused('PackedPolicyTooLargeException'),
      keys,
      /session tags .* too large/,
      /fewer or shorter/,
      false,
    ],
    [
      'a clock',
      refused('SignatureDoesNotMatch', 'Signature not yet current: 2 is still later than 1', 403),
      keys,
      /clock is not right/,
      /NTP/,
      false,
    ],
    [
      'keys that nobody knows',
      refused('InvalidClientTokenId', 'x', 403),
      keys,
      /does not know these/,
      /exists and is active/,
      false,
    ],
    [
      'something new',
      refused('SomethingNew'),
      token,
      /shop-deploy can not be assumed/,
      /correct what/,
      false,
    ],
  ];

  it.each(rows.map((row) => [row[0], row] as const))('%s', (_what, [, error, of, message, next, passing]) => {
    expect(isPassing(error, of.role.with)).toBe(passing);
    expect(explainRefusedRole(error, of)).toMatchObject({
      reason: 'credentials',
      message: expect.stringMatching(message),
      next: expect.stringMatching(next),
      evidence: expect.arrayContaining([
        { label: 'what AWS said', text: expect.stringContaining(error.message) },
      ]),
    });
  });

  it.each([
    [
      'of the environment',
      'role/shop-prod-deploy',
      /^repo:octo-org\/shop:environment:prod, where terraform\/bootstrap made it .*--role-name shop-prod-deploy /,
      /^let the role's trust policy allow the subject repo:octo-org\/shop:environment:prod/,
    ],
    [
      'of another environment',
      'role/teams/web/shop-dev-deploy-euw1',
      /^repo:octo-org\/shop:environment:dev, /,
      /^role-to-assume is shop-dev-deploy-euw1, by its name the role of dev, and this job is for prod: give the ARN of shop-prod-deploy; or, where it is for both, let the role's trust policy allow/,
    ],
    [
      'that only plans',
      'role/shop-prod-plan',
      /^repo:octo-org\/shop:pull_request, and branches/,
      /^let the role's trust policy allow/,
    ],
    [
      'of another name',
      'role/deployer',
      /^AWS does not tell .* aws iam get-role --role-name deployer --query/,
      /^let the role's trust policy allow/,
    ],
  ])('tells what a role trusts, and of whom its name speaks: %s', (_, path, trusts, next) => {
    const role = { ...token.role, arn: `arn:aws:iam::123456789012:${path}` };
    const denied = refused('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
    expect(explainRefusedRole(denied, attempt('identity-token', { role }))).toMatchObject({
      next: expect.stringMatching(next),
      evidence: expect.arrayContaining([
        { label: "the job's subject", text: 'repo:octo-org/shop:environment:prod' },
        { label: 'the role trusts', text: expect.stringMatching(trusts) },
      ]),
    });
  });

  it('leaves what AWS has not said', () => {
    const lost = Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
    expect(explainRefusedRole(lost, token)).toBe(lost);
  });

  it('names the way that there is no credential for', () => {
    const error = refused('CredentialsProviderError');
    expect(explainRefusedRole(error, keys)).toMatchObject({
      message: expect.stringMatching(/^GitHub gives this job no identity token and the job has no AWS cred/),
      next: expect.stringMatching(/id-token: write.*self-hosted/),
    });
    const chained = attempt('job-credentials', { role: { ...keys.role, chained: true } });
    expect(explainRefusedRole(error, chained)).toMatchObject({
      message: expect.stringMatching(/role-chaining/),
    });
  });

  it.each([
    ['Error message: Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable', false, /id-token: write/],
    ['Failed to get ID Token. \n \n        Error Code : 403\n', false, /id-token: write/],
    ['Failed to get ID Token. \n \n        Error Code : 500\n', true, /when it answers/],
    ['Failed to get ID Token. \n \n        Error Code : 503\n', false, /when it answers/],
    ['Failed to get ID Token. \n \n        Error Code : undefined\n', true, /when it answers/],
  ])('GitHub says %j', (text, passing, next) => {
    const error = new IdentityTokenError(new Error(text));
    expect(isPassing(error, 'identity-token')).toBe(passing);
    expect(explainRefusedRole(error, token)).toMatchObject({ next: expect.stringMatching(next) });
  });
});
