import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { githubIssuer, startTokenService } from '../../../scripts/runner/identity-tokens.ts';
import type { TokenJob, TokenService } from '../../../scripts/runner/identity-tokens.ts';

const account = '123456789012';

/** The deploy role that terraform/bootstrap makes. */
export const deployRole = (application: string, environment: string): string =>
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

  /** Credentials of a role, as such a job gets them. */
  async credentialsOf(RoleArn: string, job: TokenJob) {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: asking } =
      this.#tokens.variables(job);
    const answer = await fetch(`${url}&audience=sts.amazonaws.com`, {
      headers: { authorization: `Bearer ${asking}` },
    });
    const { value: WebIdentityToken } = (await answer.json()) as { value: string };
    const sts = new STSClient({
      ...{ endpoint: this.#cloud.endpoint, region: 'eu-north-1' },
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
