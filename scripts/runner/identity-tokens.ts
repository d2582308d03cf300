import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** GitHub's issuer, which a role's trust policy names. */
export const githubIssuer = 'https://token.actions.githubusercontent.com';

/** The job that a token is about. */
export interface TokenJob {
  /** owner/name */
  repository: string;
  /** Of owner and repository; GitHub writes them into the subject of repositories made since 15 July 2026. */
  ids?: { owner: string; repository: string };
  /** The job's `environment`. */
  environment?: string;
  /** What comes last in the subject of a job without an environment: `pull_request` or `ref:refs/heads/main`. */
  event?: string;
  ref?: string;
}

export interface TokenService {
  /** Where the issuer's configuration and keys are, which AWS would fetch from `githubIssuer`. */
  address: string;
  /** What the runner gives to a job with `id-token: write`. */
  variables(job: TokenJob): Record<string, string>;
  /** A token as such a job is given it. */
  tokenOf(job: TokenJob, audience: string): Promise<string>;
  close(): Promise<void>;
}

/** https://docs.github.com/en/actions/reference/security/oidc, "Example subject claims". */
export function subjectOf({ repository, ids, environment, event = 'ref:refs/heads/main' }: TokenJob): string {
  const [owner = '', name = ''] = repository.split('/');
  const named = ids === undefined ? repository : `${owner}@${ids.owner}/${name}@${ids.repository}`;
  return `repo:${named}:${environment === undefined ? event : `environment:${environment}`}`;
}

const keyId = 'of-the-stand-in';
const lifetimeSeconds = 300;

/**
 * GitHub's token service and the keys that its tokens are signed with: a job that shows its request token is given a
 * token for the audience that it asks for.
 *
 * Left out: customised subjects, the older keys of a rotation, and most claims that no trust policy here asks for.
 */
export async function startTokenService(): Promise<TokenService> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: 'RS256', use: 'sig' };
  const jobs = new Map<string, TokenJob>();
  const sign = (job: TokenJob, audience: string): Promise<string> =>
    new SignJWT(claimsOf(job))
      .setProtectedHeader({ alg: 'RS256', kid: keyId, typ: 'JWT' })
      .setIssuer(githubIssuer)
      .setAudience(audience)
      .setSubject(subjectOf(job))
      .setIssuedAt()
      .setExpirationTime(`${lifetimeSeconds}s`)
      .sign(privateKey);
  const server = createServer((request, response) => {
    answer(request, { address: address(), jwk, jobs, sign }).then(
      ([status, body]) => send(response, status, body),
      (error: unknown) => send(response, 500, { message: String(error) }),
    );
  });
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Whoever forgets to close it can end all the same.
  server.unref();
  return {
    address: address(),
    variables(job) {
      const requestToken = `request-token-${jobs.size + 1}`;
      jobs.set(requestToken, job);
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${address()}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
      };
    },
    tokenOf: sign,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function claimsOf({
  repository,
  ids,
  environment,
  ref = 'refs/heads/main',
}: TokenJob): Record<string, string> {
  return {
    repository,
    repository_owner: repository.split('/')[0] ?? '',
    ref,
    ...(ids !== undefined && { repository_id: ids.repository, repository_owner_id: ids.owner }),
    ...(environment !== undefined && { environment }),
  };
}

interface Service {
  address: string;
  jwk: object;
  jobs: Map<string, TokenJob>;
  sign: (job: TokenJob, audience: string) => Promise<string>;
}

async function answer(request: IncomingMessage, service: Service): Promise<[number, unknown]> {
  const url = new URL(request.url ?? '/', service.address);
  if (url.pathname === '/.well-known/openid-configuration')
    return [200, { issuer: githubIssuer, jwks_uri: `${service.address}/.well-known/jwks` }];
  if (url.pathname === '/.well-known/jwks') return [200, { keys: [service.jwk] }];
  const job = service.jobs.get((request.headers.authorization ?? '').replace(/^bearer /i, ''));
  if (url.pathname !== '/token') return [404, { message: 'Not Found' }];
  if (job === undefined) return [401, { message: 'Unauthorized' }];
  const owner = `https://github.com/${job.repository.split('/')[0] ?? ''}`;
  return [200, { value: await service.sign(job, url.searchParams.get('audience') ?? owner) }];
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
