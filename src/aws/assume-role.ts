import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import type { AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Clock } from '../core/index.ts';
import { systemClock } from '../core/index.ts';
import { audienceOf, claimsOf, IdentityTokenError } from './identity-token.ts';
import type { Role } from './role.ts';
import type { Attempt } from './role-refusals.ts';
import { explainRefusedRole, isPassing, isTooLong } from './role-refusals.ts';

/** What the job has to prove who it is. */
export interface JobEnvironment {
  environment: NodeJS.ProcessEnv;
  /** GitHub's OIDC token for an audience. */
  identityToken: (audience: string) => Promise<string>;
  clock?: Pick<Clock, 'sleep'>;
}

/** Seconds between tries when an answer of STS or GitHub is a passing one. */
const pauses = [1, 2, 4, 8];

/**
 * Assumes a role.
 *
 * @param of what is deployed, and where to, which the role's trust policy may be about
 * @throws DeployError `credentials`; AWS's own error where it is not about the role
 */
export async function assumeRole(
  sts: STSClient,
  role: Role,
  of: Pick<Attempt, 'application' | 'stage'>,
  job: JobEnvironment,
): Promise<AwsCredentialIdentity> {
  const { environment, clock } = job;
  const attempt: Attempt = {
    ...{ role, environment, claims: undefined, region: await sts.config.region() },
    ...of,
  };
  try {
    const answer = await patiently(() => ask(sts, attempt, job), { way: role.with, clock });
    return credentialsOf(answer, role.arn);
  } catch (error) {
    throw explainRefusedRole(error, attempt);
  }
}

/**
 * Asks for credentials, and again after an answer that is a passing one.
 *
 * @param way with what a role is to be assumed; left out for the job's own credentials, which may come from STS as well
 * @throws the last error, as it came
 */
export async function patiently<T>(
  attempt: () => Promise<T>,
  { way, clock = systemClock }: { way?: Role['with']; clock?: Pick<Clock, 'sleep'> | undefined } = {},
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error, way)) throw error;
      await clock.sleep(pause);
    }
  }
  return attempt();
}

/** What is asked for where nobody says: as long as the roles of terraform/bootstrap allow. */
const twoHours = 7200;

/**
 * Gives sessions of a role that are as long as it allows, up to two hours: an apply can't renew its own. What the role
 * refuses once is not asked for again. With the job's credentials AWS gives an hour in most cases (role chaining), and is
 * asked for no more.
 *
 * @param assume assumes the role as it is handed to it
 */
export function longSessions<T>(role: Role, assume: (role: Role) => Promise<T>): () => Promise<T> {
  let wanted = role.durationSeconds;
  let mayBeShorter = false;
  if (wanted === undefined && role.with === 'identity-token') [wanted, mayBeShorter] = [twoHours, true];
  return async () => {
    try {
      return await assume({ ...role, durationSeconds: wanted });
    } catch (error) {
      if (!mayBeShorter || !isTooLong(error)) throw error;
      [wanted, mayBeShorter] = [undefined, false];
      return assume({ ...role, durationSeconds: wanted });
    }
  };
}

async function ask(
  sts: STSClient,
  attempt: Attempt,
  { identityToken }: JobEnvironment,
): Promise<AssumeRoleCommandOutput> {
  const { arn, sessionName, durationSeconds, externalId } = attempt.role;
  const session = { RoleArn: arn, RoleSessionName: sessionName, DurationSeconds: durationSeconds };
  if (attempt.role.with === 'job-credentials')
    return sts.send(new AssumeRoleCommand({ ...session, ExternalId: externalId }));
  const token = await identityToken(audienceOf(arn)).catch((error: unknown) => {
    throw new IdentityTokenError(error);
  });
  attempt.claims = claimsOf(token);
  return sts.send(new AssumeRoleWithWebIdentityCommand({ ...session, WebIdentityToken: token }));
}

function credentialsOf({ Credentials }: AssumeRoleCommandOutput, roleArn: string): AwsCredentialIdentity {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined)
    throw new Error(`STS gave no credentials for ${roleArn}`);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
    ...(Expiration === undefined ? {} : { expiration: Expiration }),
  };
}
