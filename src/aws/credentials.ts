import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { Log } from '../core/index.ts';
import { DeployError, errorText, isAwsError } from '../core/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { AwsAccess } from './access.ts';
import { explainAwsError } from './errors.ts';

/** What throttled and lost calls get before they count as failed. */
const maxAttempts = 6;

/** Credentials are renewed when they would not last for another call to a slow child. */
const millisecondsToSpare = 10 * 60_000;

export interface JobEnvironment {
  environment: NodeJS.ProcessEnv;
  /** GitHub's OIDC token for an audience. */
  identityToken: (audience: string) => Promise<string>;
}

const jobEnvironment: JobEnvironment = {
  environment: process.env,
  identityToken: async (audience) => (await import('@actions/core')).getIDToken(audience),
};

/**
 * Finds out who we are on AWS: the role in `role-to-assume`, taken on through GitHub's OIDC token and again
 * before it expires, or whatever credentials the job has.
 *
 * @throws DeployError `credentials`: there are none, they have expired, are unknown or not allowed, the role
 *   does not trust this job, or the region can't be reached
 */
export async function openAwsAccess(
  inputs: Pick<Inputs, 'region' | 'roleToAssume'>,
  log: Log,
  { environment, identityToken }: JobEnvironment = jobEnvironment,
): Promise<AwsAccess> {
  const { region, roleToAssume } = inputs;
  const common = {
    region,
    maxAttempts,
    customUserAgent: `asg-deploy run/${environment.GITHUB_RUN_ID ?? ''}`,
  };
  const role =
    roleToAssume === undefined
      ? undefined
      : assumingRole(new STSClient(common), roleToAssume, { environment, identityToken });
  const credentials = announcing(role ?? new STSClient(common).config.credentials, log);
  warnOfOtherRegion(region, environment, log);
  try {
    const identity = await new STSClient({ ...common, credentials }).send(new GetCallerIdentityCommand({}));
    const arn = identity.Arn ?? '';
    log.line(`account ${identity.Account ?? ''}, ${region}, as ${arn}`);
    return {
      region,
      accountId: identity.Account ?? '',
      partition: arn.split(':')[1] ?? 'aws',
      clientConfiguration: { ...common, credentials },
      childEnvironment: async () => childEnvironment(await credentials(), region, environment),
      forgetCredentials: () => role?.forget(),
    };
  } catch (error) {
    const failure = error instanceof DeployError ? error : explainAwsError(error, region);
    if (failure === undefined) throw error;
    throw new DeployError({ ...detailsOf(failure), left: 'Nothing was touched.' });
  }
}

/**
 * The variables that hand credentials to a child. What the job has beside them and what would win over them
 * is emptied, which AWS's SDKs take for "not set".
 */
export function childEnvironment(
  { accessKeyId, secretAccessKey, sessionToken = '' }: AwsCredentialIdentity,
  region: string,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  const emptied = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE']
    .filter((name) => environment[name] !== undefined)
    .map((name) => [name, '']);
  return {
    ...(Object.fromEntries(emptied) as Record<string, string>),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== '' || environment.AWS_SESSION_TOKEN !== undefined
      ? { AWS_SESSION_TOKEN: sessionToken }
      : {}),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
}

/** Credentials that are asked for again once they were forgotten. */
type ForgetfulProvider = AwsCredentialIdentityProvider & { forget: () => void };

/** One answer for all clients, asked for again when it is about to expire or was forgotten; a failure is not kept. */
export function renewing(
  obtain: () => Promise<AwsCredentialIdentity>,
  now: () => number = Date.now,
): ForgetfulProvider {
  let known: AwsCredentialIdentity | undefined;
  let asked: Promise<AwsCredentialIdentity> | undefined;
  const provider = async () => {
    const until = known?.expiration?.getTime() ?? Infinity;
    if (known !== undefined && until - now() > millisecondsToSpare) return known;
    asked ??= obtain().finally(() => (asked = undefined));
    known = await asked;
    return known;
  };
  return Object.assign(provider, { forget: () => void (known = undefined) });
}

function assumingRole(
  sts: STSClient,
  roleArn: string,
  { environment, identityToken }: JobEnvironment,
): ForgetfulProvider {
  return renewing(async () => {
    const token = await identityToken(audienceOf(roleArn)).catch((error: unknown) => {
      throw noIdentityToken(error);
    });
    const name = `asg-deploy-${environment.GITHUB_RUN_ID ?? 'local'}`;
    const answer = await sts
      .send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: roleArn,
          RoleSessionName: name.slice(0, 64),
          WebIdentityToken: token,
        }),
      )
      .catch((error: unknown) => {
        throw roleRefused(roleArn, error);
      });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) {
      throw new Error(`STS gave no credentials for ${roleArn}`);
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  });
}

/** China's STS has an audience of its own. */
function audienceOf(roleArn: string): string {
  return roleArn.startsWith('arn:aws-cn:') ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com';
}

function noIdentityToken(error: unknown): DeployError {
  return new DeployError({
    reason: 'credentials',
    message: 'GitHub gives this job no identity token, without which role-to-assume can not be assumed',
    evidence: [{ label: 'what GitHub said', text: error instanceof Error ? error.message : String(error) }],
    next: 'give the job `permissions: id-token: write`; a pull request from a fork can not have it',
    cause: error,
  });
}

function roleRefused(roleArn: string, error: unknown): unknown {
  if (!isAwsError(error, 'AccessDenied', 'InvalidIdentityToken', 'IDPRejectedClaim')) return error;
  return new DeployError({
    reason: 'credentials',
    message: `${roleArn} can not be assumed by this job`,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    next: "let the role's trust policy name this repository and environment, with GitHub's OIDC provider; terraform/bootstrap makes both",
    cause: error,
  });
}

/** Every credential that goes through here is a secret of the log from then on. */
function announcing(provider: AwsCredentialIdentityProvider, log: Log): AwsCredentialIdentityProvider {
  return async (properties) => {
    const identity = await provider(properties);
    log.secret(identity.secretAccessKey);
    if (identity.sessionToken !== undefined) log.secret(identity.sessionToken);
    return identity;
  };
}

function warnOfOtherRegion(region: string, environment: NodeJS.ProcessEnv, log: Log): void {
  const other = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  if (other === undefined || other === '' || other === region) return;
  log.warning(`the job's AWS_REGION is ${other}, but this deploys to ${region}, as the input region says`);
}

function detailsOf({ reason, message, evidence, next, cause }: DeployError) {
  return { reason, message, evidence, cause, ...(next === undefined ? {} : { next }) };
}
