/** Who makes a call: the account's administrator, a role that was assumed, or a user. */
import { ApiError, type ApiCall } from '../gateway/index.ts';
import type { Account, Identity, NamedPolicy } from './account.ts';
import type { Session, Sessions } from './sessions.ts';

/** Who makes a call. */
export interface Caller {
  /** `arn:aws:sts::…:assumed-role/<role>/<session>`, `arn:aws:iam::…:user/<name>` or the administrator. */
  arn: string;
  /** As GetCallerIdentity says it. */
  userId: string;
  /** Undefined of the administrator, who may do everything in the account. */
  identity?: Identity;
  session?: Session;
}

/** What the administrator has. */
export const ADMINISTRATOR_ACCESS: NamedPolicy = {
  name: 'AdministratorAccess',
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

/** The session of an instance's role, by the access key that its metadata give out. */
export type InstanceSessions = (accessKeyId: string) => Promise<Session | undefined>;

export interface CallerSources {
  accountId: string;
  account: Account;
  sessions: Sessions;
  instanceSession: InstanceSessions;
}

/** What AWS's keys look like (IAM user guide, "Unique identifiers"); any other name here is an administrator's. */
const TEMPORARY = /^ASIA[A-Z0-9]{16}$/;
const LONG_TERM = /^AKIA[A-Z0-9]{16}$/;

/** How services say that credentials are none, or are none any more: code and status. */
function credentialsError(call: ApiCall, expired: boolean): ApiError {
  const message = expired
    ? 'The security token included in the request is expired'
    : 'The security token included in the request is invalid.';
  if (call.service === 's3') {
    return expired
      ? new ApiError('ExpiredToken', 'The provided token has expired.', 400)
      : new ApiError(
          'InvalidAccessKeyId',
          'The AWS Access Key Id you provided does not exist in our records.',
          403,
        );
  }
  if (call.service === 'ec2') {
    return expired
      ? new ApiError('RequestExpired', 'Request has expired.', 400)
      : new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  }
  const json = JSON_SERVICES.has(call.service);
  if (json)
    return new ApiError(expired ? 'ExpiredTokenException' : 'UnrecognizedClientException', message, 400);
  return new ApiError(expired ? 'ExpiredToken' : 'InvalidClientTokenId', message, 403);
}

/** Services whose errors are JSON, and whose codes end in Exception. */
export const JSON_SERVICES = new Set([
  'ecr',
  'ssm',
  'dynamodb',
  'logs',
  'acm',
  'kms',
  'secretsmanager',
  'servicequotas',
  'tagging',
  'wafv2',
  'events',
  'ssmmessages',
  'sqs',
]);

/**
 * Says who signed a call.
 * @throws ApiError in the words of its service when the credentials are unknown, of another session, or expired
 */
export async function callerOf(call: ApiCall, sources: CallerSources): Promise<Caller> {
  const { accountId, account, sessions, instanceSession } = sources;
  const { accessKeyId = '', sessionToken } = call.signer ?? {};
  if (TEMPORARY.test(accessKeyId)) {
    const session = sessions.find(accessKeyId) ?? (await instanceSession(accessKeyId));
    if (session === undefined || session.sessionToken !== sessionToken) throw credentialsError(call, false);
    if (session.expiresAt <= (call.signer?.at ?? Date.now())) throw credentialsError(call, true);
    const role = await account.role(session.roleName);
    if (role === undefined) throw credentialsError(call, false);
    const arn = `arn:aws:sts::${accountId}:assumed-role/${session.roleName}/${session.sessionName}`;
    return { arn, userId: `${role.id}:${session.sessionName}`, identity: role, session };
  }
  if (LONG_TERM.test(accessKeyId)) {
    const user = await account.userOf(accessKeyId);
    if (user === undefined) throw credentialsError(call, false);
    return { arn: user.arn, userId: user.id, identity: user };
  }
  return { arn: `arn:aws:iam::${accountId}:user/administrator`, userId: 'AIDA0LOCALCLOUDADMIN0' };
}
