/** STS of the local cloud, as AWS's own clients see it: how long sessions last, and which identity tokens it takes. */
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  githubIssuer,
  startTokenService,
  type TokenJob,
  type TokenService,
} from '../../../scripts/runner/identity-tokens.ts';
import { allow, assumeRole, document, type Keys, makeRole, outcomeOf } from '../helpers/roles.ts';
import { python, startTestCloud, type TestCloud } from '../helpers/test-cloud.ts';

const suite = python === undefined ? describe.skip : describe;
// Beside other tests, starting a cloud takes its time.

let cloud: TestCloud;
let github: TokenService;

beforeAll(async () => {
  if (python === undefined) return;
  cloud = await startTestCloud();
  github = await startTokenService();
  await fetch(`${cloud.endpoint}/_local/issuers`, {
    method: 'POST',
    body: JSON.stringify({ issuer: githubIssuer, address: github.address }),
  });
});
afterAll(async () => {
  await cloud?.close();
  await github?.close();
});

const configuration = (credentials: Keys = cloud.client.credentials) => ({
  ...{ ...cloud.client, credentials, maxAttempts: 1 },
});
const account = '123456789012';
const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;

suite('sessions', () => {
  it('last as long as the role allows, and an hour when one role assumes another', async () => {
    const role = await makeRole(cloud.client, 'role-1', { statements: [allow('sts:AssumeRole')] });
    const chained = configuration(await assumeRole(configuration(), role));
    const twoHours = { DurationSeconds: 7200 };
    expect(await outcomeOf(assumeRole(configuration(), role, twoHours))).toBe(
      '400 ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
    expect(await outcomeOf(assumeRole(chained, role, twoHours))).toMatch(
      /exceeds the 1 hour session limit for roles assumed by role chaining/,
    );
    expect(await outcomeOf(assumeRole(chained, role))).toBe('allowed');
    const without = await assumeRole(configuration(), await makeRole(cloud.client, 'role-2'));
    expect(await outcomeOf(assumeRole(configuration(without), role))).toMatch(
      /^403 AccessDenied: User: .* is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role\/role-\d+$/,
    );
  });
});

suite('an identity token', () => {
  const audience = 'sts.amazonaws.com';
  const subject = 'repo:octo-org/shop:environment:dev';

  beforeAll(async () => {
    if (python === undefined) return;
    const iam = new IAMClient(configuration());
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url: githubIssuer, ClientIDList: [audience] }));
    const trust = document({
      ...{ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity', Principal: { Federated: provider } },
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': audience,
          'token.actions.githubusercontent.com:sub': [subject],
        },
      },
    });
    await iam.send(new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument: trust }));
  });

  async function tokenOf(job: TokenJob, asked = audience): Promise<string> {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } =
      github.variables(job);
    const answer = await fetch(`${url}&audience=${asked}`, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as { value: string }).value;
  }

  const withToken = (WebIdentityToken: string, RoleName = 'deploy') =>
    outcomeOf(
      new STSClient(configuration()).send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: `arn:aws:iam::${account}:role/${RoleName}`,
          RoleSessionName: 'test',
          WebIdentityToken,
        }),
      ),
    );
  const job = { repository: 'octo-org/shop', environment: 'dev' };

  it.each([
    ['of the environment is let in', job, 'deploy', 'allowed'],
    [
      'of another environment is not',
      { ...job, environment: 'prod' },
      'deploy',
      '403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ],
    [
      'of a new repository has ids in its subject',
      { ...job, ids: { owner: '1', repository: '2' } },
      'deploy',
      '403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ],
    [
      'says nothing of a role that is not there',
      job,
      'no-role',
      '403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ],
  ])('%s', async (_, tokenJob, role, says) => {
    expect(await withToken(await tokenOf(tokenJob), role)).toBe(says);
  });

  it('is refused for another audience, with another signature, and when it is none', async () => {
    expect(await withToken(await tokenOf(job, 'somebody'))).toBe(
      '400 InvalidIdentityTokenException: Incorrect token audience',
    );
    const [head, body] = (await tokenOf(job)).split('.');
    expect(await withToken(`${head}.${body}.c2lnbmF0dXJl`)).toMatch(/^400 InvalidIdentityToken/);
    expect(await withToken('no-token')).toMatch(/^400 InvalidIdentityToken.*not a valid JWT/);
  });
});
