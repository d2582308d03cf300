import { expect } from '@jest/globals';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TokenJob } from '../../../scripts/runner/identity-tokens.ts';
import { AssumableRoles } from '../support/assumable-roles.ts';
import type { Service } from '../support/fleet.ts';
import { deployed, refused } from './cases.ts';
import type { Case } from './cases.ts';

/** A role that is assumed with GitHub's identity tokens or the job's own credentials, and what STS may say to that. */

const role = 'arn:aws:iam::123456789012:role/deploy';
const behindLoadBalancer = { drain: 10, group: { HealthCheckGracePeriod: 36_000 } };
const servers = new Map<Service, { address: string; asked: string[]; close: () => void }>();

const roles = new WeakMap<object, Promise<AssumableRoles>>();

/** Of the cloud that the cases share. */
function assumableRoles({ fleet }: Service): Promise<AssumableRoles> {
  const known = roles.get(fleet) ?? AssumableRoles.in(fleet.cloud);
  roles.set(fleet, known);
  return known;
}

const inDev = { repository: 'octo-org/shop', environment: 'dev' };

/** GitHub's token service: whoever shows the job's own token is given one for the audience that it asks for. */
async function startTokenService(
  service: Service,
  { job = inDev, fails = 0 }: { job?: TokenJob; fails?: number } = {},
): Promise<void> {
  const assumable = await assumableRoles(service);
  await assumable.make(service.application);
  const asked: string[] = [];
  await start(service, asked, (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const audience = searchParams.get('audience') ?? '';
    asked.push(audience);
    if (asked.length <= fails) {
      response.writeHead(500).end('{}');
      return;
    }
    const known = request.headers.authorization === 'Bearer token-of-the-job';
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    void assumable.jobs
      .tokenOf(job, audience)
      .then((value) => response.end(JSON.stringify(known ? { value } : {})));
  });
}

/** The access key id of the instance's profile. */
const keyOf = (service: Service): string => `ASIA-${service.application}`;

/**
 * The metadata of an instance with a profile (IMDSv2), as far as AWS's SDK reads it.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export async function startMetadata(service: Service): Promise<void> {
  const asked: string[] = [];
  await start(service, asked, (request, response) => {
    const { method, url = '' } = request;
    asked.push(`${method} ${url}`);
    if (method === 'PUT') return response.end('token-of-the-instance');
    if (request.headers['x-aws-ec2-metadata-token'] !== 'token-of-the-instance')
      return response.writeHead(401).end();
    if (!url.endsWith('/runner')) return response.end('runner');
    const credentials = {
      Code: 'Success',
      AccessKeyId: keyOf(service),
      SecretAccessKey: 'secret-of-the-instance',
      Token: 'token',
      Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
    };
    return response.end(JSON.stringify(credentials));
  });
}

async function start(service: Service, asked: string[], answer: RequestListener): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Its case closes it; one that failed before that must not keep the tests from ending.
  server.unref();
  servers.set(service, { address, asked, close: () => server.close() });
}

/** What the job has to ask the token service with. */
const withToken = (service: Service) => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: `${addressOf(service)}/token?api-version=1`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token-of-the-job',
});

/** A container's credentials, as ECS and EKS Pod Identity give them. */
async function startContainerCredentials(service: Service): Promise<void> {
  await start(service, [], (_request, response) => {
    const credentials = {
      AccessKeyId: keyOf(service),
      SecretAccessKey: 'secret-of-the-container',
      Token: 'token',
      Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(credentials));
  });
}

/** No keys, but those of the instance that the job runs on. */
export const onInstance = (service: Service) => ({
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_SESSION_TOKEN: '',
  AWS_EC2_METADATA_DISABLED: '',
  AWS_EC2_METADATA_SERVICE_ENDPOINT: addressOf(service),
});

const addressOf = (service: Service): string => servers.get(service)?.address ?? '';

/** What was asked of the stand-in that the case has started. */
export function endStandIn(service: Service): string[] {
  const { asked = [], close } = servers.get(service) ?? {};
  close?.();
  return asked;
}

/** A role for each case: faults are told apart by it. */
const roleOf = (service: Service): string => `arn:aws:iam::123456789012:role/${service.application}`;

interface StsFault {
  error: string;
  message: string;
  status?: number;
}

/** A case of a job with an identity token, to which STS says no: by itself, or because it is told to. */
function stsSays(title: string, fault: StsFault | undefined, says: RegExp[], job: TokenJob = inDev): Case {
  return {
    title,
    before: async (service) => {
      await startTokenService(service, { job });
      if (fault === undefined) return;
      const operation = 'AssumeRoleWithWebIdentity';
      const parameters = { RoleArn: roleOf(service) };
      await service.fleet.control.fault({ service: 'sts', operation, parameters, ...fault });
    },
    run: (service) => ({
      inputs: { 'role-to-assume': roleOf(service) },
      environment: withToken(service),
    }),
    ends: refused('credentials'),
    says: [...says, /Nothing was touched/],
    after: (service) => void endStandIn(service),
  };
}

export const credentials: Case[] = [
  {
    title: 'expired credentials in the midst of it: the role is assumed anew',
    service: behindLoadBalancer,
    before: async (service) => {
      await startTokenService(service);
      await service.fault({ secondsToHealthy: 1000 });
      await service.callFault('DescribeInstanceRefreshes', { error: 'ExpiredToken', after: 3 });
    },
    run: (service) => ({
      inputs: { 'role-to-assume': roleOf(service) },
      environment: withToken(service),
    }),
    ends: deployed(),
    says: [/AWS calls the refresh successful/],
    after: async (service) => {
      expect(endStandIn(service)).toEqual(['sts.amazonaws.com', 'sts.amazonaws.com']);
    },
  },
  {
    title: 'STS once does not get the keys to check the token',
    before: async (service) => {
      await startTokenService(service);
      await service.fleet.control.fault({
        service: 'sts',
        operation: 'AssumeRoleWithWebIdentity',
        parameters: { RoleArn: roleOf(service), DurationSeconds: '7200', RoleSessionName: 'octocat' },
        error: 'InvalidIdentityToken',
        message:
          "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
      });
    },
    run: (service) => ({
      inputs: {
        'role-to-assume': roleOf(service),
        'role-duration-seconds': '7200',
        'role-session-name': 'octocat',
      },
      environment: withToken(service),
    }),
    ends: deployed(),
    says: [/as arn:aws:sts::123456789012:assumed-role\/.*\/octocat/],
    after: (service) => expect(endStandIn(service)).toEqual(['sts.amazonaws.com', 'sts.amazonaws.com']),
  },
  {
    title: "GitHub's token service fails once",
    before: (service) => startTokenService(service, { fails: 1 }),
    run: (service) => ({ inputs: { 'role-to-assume': roleOf(service) }, environment: withToken(service) }),
    ends: deployed(),
    says: [/as arn:aws:sts::123456789012:assumed-role\//],
    after: (service) => expect(endStandIn(service)).toHaveLength(2),
  },
  {
    title: "GitHub's token service does not know the job",
    before: (service) => startTokenService(service),
    run: (service) => ({
      inputs: { 'role-to-assume': roleOf(service) },
      environment: { ...withToken(service), ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-another-job' },
    }),
    ends: refused('credentials'),
    says: [/GitHub gives this job no identity token/, /permissions: id-token: write/],
    after: (service) => expect(endStandIn(service)).toHaveLength(1),
  },
  stsSays(
    'a trust policy that does not know ids in the subject',
    undefined,
    [
      /its trust policy does not let it in/,
      /the job's subject: +repo:octo-org@1\/shop@2:environment:dev/,
      /the role trusts: +AWS does not tell .* aws iam get-role --role-name case-\d+ --query/,
      /allow the subject repo:octo-org@1\/shop@2:environment:dev and the audience sts.amazonaws.com/,
      /GitHub writes the ids of owner and repository into it since July 2026/,
      /role-chaining: true/,
    ],
    { ...inDev, ids: { owner: '1', repository: '2' } },
  ),
  stsSays(
    'an account without a provider for GitHub',
    {
      error: 'InvalidIdentityToken',
      message:
        'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
    },
    [/account 123456789012 has no OIDC provider for GitHub/, /terraform\/bootstrap does/],
  ),
  stsSays('an ARN that is none', { error: 'ValidationError', message: 'Request ARN is invalid' }, [
    /role-to-assume is "arn:aws:iam::123456789012:role\/case-\d+", which AWS takes for no role's ARN/,
  ]),
  ...[undefined, '9000'].map((given): Case => {
    const told = given !== undefined;
    return {
      title: told ? 'a session longer than the role allows' : 'a role that allows an hour: it is enough',
      before: async (service) => {
        await startTokenService(service);
        await service.fleet.control.fault({
          ...{ service: 'sts', operation: 'AssumeRoleWithWebIdentity' },
          parameters: { RoleArn: roleOf(service), DurationSeconds: given ?? '7200' },
          error: 'ValidationError',
          message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
        });
      },
      run: (service) => ({
        inputs: { 'role-to-assume': roleOf(service), ...(told && { 'role-duration-seconds': given }) },
        environment: withToken(service),
      }),
      ends: told ? refused('credentials') : deployed(),
      says: [
        told
          ? /role-duration-seconds is 9000, which is longer than arn.* allows/
          : /AWS calls the refresh successful/,
      ],
      after: (service) => expect(endStandIn(service)).toHaveLength(told ? 1 : 2),
    };
  }),
  stsSays(
    'a region without STS',
    {
      error: 'RegionDisabledException',
      message:
        'STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.',
      status: 403,
    },
    [/STS is switched off in eu-north-1/],
  ),
  {
    title: 'an external id beside an identity token',
    before: (service) => startTokenService(service),
    run: (service) => ({
      inputs: { 'role-to-assume': roleOf(service), 'role-external-id': 'octo' },
      environment: withToken(service),
    }),
    ends: refused('input-invalid'),
    says: [/role-external-id is "octo"; leave it out/],
    after: (service) => expect(endStandIn(service)).toEqual([]),
  },
  {
    title: "the job's keys, which have expired, for a role with an external id",
    before: async (service) => {
      await startTokenService(service);
      await service.fleet.control.fault({
        service: 'sts',
        operation: 'AssumeRole',
        parameters: { RoleArn: roleOf(service), ExternalId: 'octo', DurationSeconds: '900' },
        error: 'ExpiredToken',
        message: 'The security token included in the request is expired',
        status: 403,
      });
    },
    run: (service) => ({
      inputs: {
        'role-to-assume': roleOf(service),
        'role-external-id': 'octo',
        'role-duration-seconds': '900',
        'role-chaining': 'true',
      },
      environment: withToken(service),
    }),
    ends: refused('credentials'),
    says: [/the job's own credentials, with which role-to-assume is assumed, have expired/],
    after: (service) => expect(endStandIn(service)).toEqual([]),
  },
  {
    title: "an instance's profile assumes the role, and once more when AWS takes it no longer",
    service: behindLoadBalancer,
    before: async (service) => {
      await (await assumableRoles(service)).make(service.application);
      await startMetadata(service);
      await service.fault({ secondsToHealthy: 1000 });
      await service.callFault('DescribeInstanceRefreshes', { error: 'ExpiredToken', after: 3 });
    },
    run: (service) => ({
      inputs: { 'role-to-assume': roleOf(service) },
      environment: onInstance(service),
    }),
    ends: deployed(),
    says: [/as arn:aws:sts::123456789012:assumed-role\/case-\d+\/asg-deploy-1001/],
    after: async (service) => {
      expect(endStandIn(service)).toContain('PUT /latest/api/token');
      const calls = await service.fleet.control.calls();
      const byInstance = calls.filter(({ identity }) => identity === keyOf(service));
      expect(byInstance.map(({ operation }) => operation)).toEqual(['AssumeRole', 'AssumeRole']);
    },
  },
  {
    title: "a container's credentials, as they are",
    before: startContainerCredentials,
    run: (service) => ({
      environment: {
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${addressOf(service)}/credentials`,
      },
    }),
    ends: deployed(),
    says: [/AWS calls the refresh successful/],
    after: async (service) => {
      endStandIn(service);
      const calls = await service.fleet.control.calls();
      expect(calls.filter(({ identity }) => identity === keyOf(service))).not.toHaveLength(0);
    },
  },
  {
    title: 'a job with neither identity token nor credentials',
    run: {
      inputs: { 'role-to-assume': role },
      environment: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    },
    ends: refused('credentials'),
    says: [/GitHub gives this job no identity token/, /permissions: id-token: write/],
  },
];
