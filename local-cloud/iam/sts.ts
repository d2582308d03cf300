/** The part of STS that gives out credentials of roles. Its rules: STS API reference. */
import type { IAMClient } from '@aws-sdk/client-iam';
import { type ApiCall, ApiError, type Service } from '../gateway/index.ts';
import type { Account, Role } from './account.ts';
import { ADMINISTRATOR_ACCESS, type Caller, callerOf, type CallerSources } from './callers.ts';
import { evaluate } from './evaluate.ts';
import { type Issuers, verifyToken } from './providers.ts';
import { refusal } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import { isTrusted } from './trust.ts';

export const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export interface StsSources extends CallerSources {
  account: Account;
  sessions: Sessions;
  iam: IAMClient;
  issuers: Issuers;
}

/** Seconds: the least, and what a session of an assumed role may be at most when it assumes another. */
const SHORTEST = 900;
const CHAINED = 3600;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function validation(message: string): ApiError {
  return new ApiError('ValidationError', message, 400);
}

/** The role that is asked for; undefined where there is none, which a caller is not told. */
function roleOf(call: ApiCall, { account, accountId }: StsSources): Promise<Role | undefined> {
  const arn = text(call.parameters.RoleArn);
  const [, owner, path = ''] = /^arn:aws[\w-]*:iam::(\d{12}):role\/([\w+=,.@/-]+)$/.exec(arn) ?? [];
  const name = path.split('/').at(-1) ?? '';
  if (name === '') throw validation(`${arn} is invalid`);
  return owner === accountId ? account.role(name) : Promise.resolve(undefined);
}

async function durationOf(
  call: ApiCall,
  role: Role,
  { account }: StsSources,
  chained: boolean,
): Promise<number> {
  const { DurationSeconds } = call.parameters;
  const seconds = DurationSeconds === undefined ? 3600 : Number(DurationSeconds);
  if (seconds < SHORTEST) {
    throw validation(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${SHORTEST}`,
    );
  }
  if (chained && seconds > CHAINED)
    throw validation(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  if (seconds > (await account.maxSessionDuration(role.name)))
    throw validation('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  return seconds;
}

interface Issue {
  role: Role;
  seconds: number;
}

function issue(
  call: ApiCall,
  { role, seconds }: Issue,
  { sessions, accountId }: StsSources,
): Record<string, unknown> {
  const sessionName = text(call.parameters.RoleSessionName);
  const policy = text(call.parameters.Policy);
  const session: Session = sessions.issue({
    ...{ roleName: role.name, sessionName, expiresAt: Date.now() + seconds * 1000 },
    ...(policy !== '' && { policy: JSON.parse(policy) as object }),
  });
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: new Date(session.expiresAt),
    },
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${sessionName}`,
      Arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`,
    },
  };
}

/** Who assumes a role needs the role's trust, and of the same account where that names the account a permission too. */
async function requireTrust(call: ApiCall, role: Role | undefined, caller: Caller): Promise<void> {
  const action = 'sts:AssumeRole';
  const resource = role?.arn ?? text(call.parameters.RoleArn);
  const externalId = text(call.parameters.ExternalId);
  const denial =
    role === undefined
      ? ({ explicit: false, by: 'an identity-based policy' } as const)
      : await evaluate(
          {
            ...{ principalArn: caller.arn, accountId: call.accountId, action, resource },
            context: {
              'aws:PrincipalArn': caller.identity?.arn ?? caller.arn,
              'aws:PrincipalAccount': call.accountId,
              'sts:RoleSessionName': text(call.parameters.RoleSessionName),
              ...(externalId !== '' && { 'sts:ExternalId': externalId }),
            },
          },
          {
            identity: caller.identity?.policies ?? [ADMINISTRATOR_ACCESS],
            boundary: caller.identity?.boundary,
            session: caller.session?.policy,
            resource: role.trust,
          },
        );
  if (denial === undefined) return;
  const refused = refusal(call, caller.arn, { action, resource, denial });
  throw new ApiError(refused.code, refused.message.replace(/ because .*$/s, ''), refused.status);
}

function contextOf(prefix: string, claims: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(claims).flatMap(([name, value]) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return typeof first === 'string' ? [[`${prefix}:${name}`, first] as const] : [];
  });
  return Object.fromEntries(texts);
}

/** STS with sessions that are held against policies. Everything that is not listed goes to the emulator. */
export function createSts(sources: StsSources): Service {
  return {
    protocol: 'query',
    namespace: NAMESPACE,
    everyRegion: true,
    operations: {
      async GetCallerIdentity(call) {
        const { arn, userId } = await callerOf(call, sources);
        return { UserId: userId, Account: call.accountId, Arn: arn };
      },
      async AssumeRole(call) {
        const caller = await callerOf(call, sources);
        const role = await roleOf(call, sources);
        await requireTrust(call, role, caller);
        if (role === undefined) throw new ApiError('AccessDenied', 'Access denied', 403);
        const seconds = await durationOf(call, role, sources, caller.session !== undefined);
        return issue(call, { role, seconds }, sources);
      },
      async AssumeRoleWithWebIdentity(call) {
        const { claims, providerArn, prefix } = await verifyToken(
          text(call.parameters.WebIdentityToken),
          sources,
        );
        const role = await roleOf(call, sources);
        const context = {
          ...contextOf(prefix, claims),
          'sts:RoleSessionName': text(call.parameters.RoleSessionName),
        };
        if (role === undefined || !isTrusted(role, { providerArn, context, accountId: sources.accountId }))
          throw new ApiError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
        const seconds = await durationOf(call, role, sources, false);
        return {
          ...issue(call, { role, seconds }, sources),
          SubjectFromWebIdentityToken: claims.sub,
          Audience: [claims.aud].flat()[0],
          Provider: providerArn,
        };
      },
    },
  };
}
