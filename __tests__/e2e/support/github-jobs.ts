import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { githubIssuer, startTokenService } from '../../../scripts/runner/identity-tokens.ts';
import type { TokenJob, TokenService } from '../../../scripts/runner/identity-tokens.ts';

/** The deploy role that terraform/bootstrap makes. */
export const deployRole = (application: string, environment: string, account = '123456789012'): string =>
  `arn:aws:iam::${account}:role/${application}-${environment}-deploy`;

/** Jobs of GitHub that have no keys, but a token that says which repository and environment they run in. */
export class GithubJobs {
  readonly #cloud: CloudDescription;
  readonly #tokens: TokenService;

  private constructor(cloud: CloudDescription, tokens: TokenService) {
    this.#cloud = cloud;
    this.#tokens = tokens;
  }

  /** The local cloud, which can't reach GitHub, is told where its keys are. */
  static async start(cloud: CloudDescription): Promise<GithubJobs> {
    const tokens = await startTokenService();
    const body = JSON.stringify({ issuer: githubIssuer, address: tokens.address });
    await fetch(`${cloud.endpoint}/_local/issuers`, { method: 'POST', body });
    return new GithubJobs(cloud, tokens);
  }

  /** What such a job has in its environment: no keys, but those of the request for a token. */
  variables(job: TokenJob): Record<string, string> {
    return {
      ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' },
      ...this.#tokens.variables(job),
    };
  }

  /** A token for AWS, as GitHub gives it to such a job. */
  tokenOf(job: TokenJob, audience = 'sts.amazonaws.com'): Promise<string> {
    return this.#tokens.tokenOf(job, audience);
  }

  /** Credentials of a role, as such a job gets them. */
  async credentialsOf(RoleArn: string, job: TokenJob) {
    const WebIdentityToken = await this.tokenOf(job);
    const sts = new STSClient({
      ...{ endpoint: this.#cloud.endpoint, region: this.#cloud.region },
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    });
    const { Credentials } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'test', WebIdentityToken }),
    );
    sts.destroy();
    return {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
  }

  close(): Promise<void> {
    return this.#tokens.close();
  }
}
