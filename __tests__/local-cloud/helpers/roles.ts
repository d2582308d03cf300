/** Roles of a local cloud, with what they may do, and what a call of theirs comes to. */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import type { TestCloud } from './test-cloud.ts';

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What AWS's clients take; the first one given is the administrator's. */
export type Client = Omit<TestCloud['client'], 'credentials'> & { credentials: Keys };

export const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  ...{ Effect: 'Allow', Action, Resource },
  ...(Condition !== undefined && { Condition }),
});

export const document = (...Statement: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

/** Lets everybody of an account assume a role who may do so. */
export const trustOf = (account: string): string =>
  document({
    ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${account}:root` } },
  });

/** Makes a role that everybody of the account may assume; its ARN. */
export async function makeRole(
  administrator: Client,
  RoleName: string,
  { statements = [], boundary }: { statements?: object[]; boundary?: string | undefined } = {},
): Promise<string> {
  const iam = new IAMClient(administrator);
  const { Account = '' } = await new STSClient(administrator).send(new GetCallerIdentityCommand({}));
  await iam.send(
    new CreateRoleCommand({
      ...{ RoleName, AssumeRolePolicyDocument: trustOf(Account), PermissionsBoundary: boundary },
    }),
  );
  if (statements.length > 0)
    await iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument: document(...statements) }),
    );
  return `arn:aws:iam::${Account}:role/${RoleName}`;
}

export async function assumeRole(
  client: Client,
  RoleArn: string,
  more: Partial<AssumeRoleCommandInput> = {},
): Promise<Keys> {
  const { Credentials } = await new STSClient(client).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ...more }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
  return {
    ...{ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey },
    ...(SessionToken !== undefined && { sessionToken: SessionToken }),
  };
}

/** What a call comes to: "allowed", or status, code and words of its refusal. */
export async function outcomeOf(sending: Promise<unknown>): Promise<string> {
  try {
    await sending;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode ?? ''} ${name}: ${message}`;
  }
  return 'allowed';
}
