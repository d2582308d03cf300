import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { Log } from '../core/index.ts';
import { awsErrorKind, DeployError, duration, errorText } from '../core/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { wayOut } from '../proxy/index.ts';
import type { AwsAccess } from './access.ts';
import type { JobEnvironment } from './assume-role.ts';
import { assumeRole, longSessions, patiently } from './assume-role.ts';
import { explainAwsError } from './errors.ts';
import type { Role, RoleInputs } from './role.ts';
import { roleOf } from './role.ts';

/** What throttled and lost calls get before they count as failed. */
const maxAttempts = 6;

/** Credentials are renewed when they would not last for another call. */
const millisecondsToSpare = 10 * 60_000;

/** What a child should have at the least: an apply that makes a database takes a quarter of an hour. */
const secondsForChild = 15 * 60;

/** A child can't renew its credentials, and an apply takes its time: it gets a session that has just begun. */
const millisecondsOfFreshness = 5 * 60_000;

const jobEnvironment: JobEnvironment = {
  environment: process.env,
  identityToken: async (audience) => (await import('@actions/core')).getIDToken(audience),
};

/**
 * Finds out who we are on AWS: the role in `role-to-assume`, taken on with GitHub's OIDC token or with the job's credentials
 * and again before it expires, or whatever credentials the job has.
 *
 * @throws DeployError `credentials`: there are none, they have expired, are unknown or not allowed, the role
 *   does not trust this job, or the region can't be reached; `input-invalid`: a proxy or an external id that can't be used
 */
export async function openAwsAccess(
  inputs: Pick<Inputs, 'region' | 'application' | 'environment'> & RoleInputs,
  log: Log,
  job: JobEnvironment = jobEnvironment,
): Promise<AwsAccess> {
  const { environment } = job;
  const { region } = inputs;
  const agent = await wayOut(environment);
  const common = {
    region,
    maxAttempts,
    customUserAgent: `asg-deploy run/${environment.GITHUB_RUN_ID ?? ''}`,
    ...(agent && { requestHandler: { httpAgent: agent, httpsAgent: agent } }),
  };
  const role = roleOf(inputs, environment);
  const of = { application: inputs.application, stage: inputs.environment };
  const assume = (one: Role) => assumeRole(new STSClient(common), one, of, job);
  const assumed = role && renewing(telling(longSessions(role, assume), log));
  const own = new STSClient(common).config.credentials;
  const credentials = announcing(assumed ?? (() => patiently(own, job)), log);
  const forChild = warningOfEnd(announcing(assumed?.fresh ?? credentials, log), log);
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
      childEnvironment: async () => childEnvironment(await forChild(), region, environment),
      forgetCredentials: () => assumed?.forget(),
    };
  } catch (error) {
    const failure =
      error instanceof DeployError ? error : (explainAwsError(error, region) ?? noAnswer(error));
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
type ForgetfulProvider = AwsCredentialIdentityProvider & {
  forget: () => void;
  /** Those of a session that has just begun, where one can be had. */
  fresh: AwsCredentialIdentityProvider;
};

/** One answer for all clients, asked for again when it is about to expire or was forgotten; a failure is not kept. */
export function renewing(
  obtain: () => Promise<AwsCredentialIdentity>,
  now: () => number = Date.now,
): ForgetfulProvider {
  let known: AwsCredentialIdentity | undefined;
  let since = 0;
  let asked: Promise<AwsCredentialIdentity> | undefined;
  const lasts = (identity: AwsCredentialIdentity) =>
    (identity.expiration?.getTime() ?? Infinity) - now() > millisecondsToSpare;
  const renew = async () => {
    asked ??= obtain().finally(() => (asked = undefined));
    known = await asked;
    since = now();
    return known;
  };
  const provider = async () => (known !== undefined && lasts(known) ? known : renew());
  const fresh = async () => {
    const held = known;
    if (held === undefined || now() - since < millisecondsOfFreshness) return provider();
    return renew().catch((error: unknown) => {
      if (lasts(held)) return held;
      throw error;
    });
  };
  return Object.assign(provider, { fresh, forget: () => void (known = undefined) });
}

const secondsLeft = ({ expiration }: AwsCredentialIdentity): number =>
  ((expiration?.getTime() ?? Infinity) - Date.now()) / 1000;

/** Says how long a session lasts that took the place of another one. */
function telling(obtain: () => Promise<AwsCredentialIdentity>, log: Log) {
  let first = true;
  return async () => {
    const identity = await obtain();
    const left = secondsLeft(identity);
    const lasts = Number.isFinite(left) ? `; it lasts ${duration(Math.round(left))}` : '';
    if (first) log.debug(`The role's session began${lasts}`);
    else log.line(`The role's session was renewed${lasts}`);
    first = false;
    return identity;
  };
}

/** Says once that a child may outlast what it is given. */
function warningOfEnd(provider: AwsCredentialIdentityProvider, log: Log): AwsCredentialIdentityProvider {
  let said = false;
  return async () => {
    const identity = await provider();
    const left = secondsLeft(identity);
    if (left < secondsForChild && !said) {
      said = true;
      log.warning(
        `the credentials that Terraform is given end in ${duration(Math.max(0, Math.round(left)))}, and it can't renew them: an apply that takes longer stops halfway. Give role-to-assume or a greater role-duration-seconds, or get the credentials right before this step`,
      );
    }
    return identity;
  };
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

/** What would be nobody's fault in a later phase is about AWS itself in the first call. */
function noAnswer(error: unknown): DeployError | undefined {
  const kind = awsErrorKind(error);
  if (kind !== 'throttled' && (kind !== 'lost' || !(error instanceof Error))) return undefined;
  return new DeployError({
    reason: 'credentials',
    message:
      kind === 'throttled'
        ? 'AWS wants fewer calls to STS from this account, and several tries were no better'
        : 'STS gives no answer, and several tries were no better',
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    next: 'run this job again in a minute',
    cause: error,
  });
}
