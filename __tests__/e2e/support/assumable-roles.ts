import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { githubIssuer } from '../../../scripts/runner/identity-tokens.ts';
import { clientConfiguration } from './client.ts';
import { GithubJobs } from './github-jobs.ts';

const account = 'arn:aws:iam::123456789012';
const document = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const provider = `${account}:oidc-provider/${githubIssuer.replace('https://', '')}`;

/** Whoever has a token of a job in the environment dev of octo-org/shop, and whoever is of the account. */
const trust = document(
  {
    ...{ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity', Principal: { Federated: provider } },
    Condition: {
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': 'repo:octo-org/shop:environment:dev',
      },
    },
  },
  { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `${account}:root` } },
);

/** Roles that jobs of octo-org/shop may assume for two hours, and may do everything with. */
export class AssumableRoles {
  readonly #iam: IAMClient;
  readonly jobs: GithubJobs;

  private constructor(iam: IAMClient, jobs: GithubJobs) {
    this.#iam = iam;
    this.jobs = jobs;
  }

  static async in(cloud: CloudDescription): Promise<AssumableRoles> {
    const iam = new IAMClient(clientConfiguration(cloud));
    const ClientIDList = ['sts.amazonaws.com'];
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url: githubIssuer, ClientIDList }));
    return new AssumableRoles(iam, await GithubJobs.start(cloud));
  }

  async make(RoleName: string): Promise<void> {
    await this.#iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, MaxSessionDuration: 7200 }),
    );
    const everything = document({ Effect: 'Allow', Action: '*', Resource: '*' });
    await this.#iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'everything', PolicyDocument: everything }),
    );
  }
}
