import { awsErrorKind, DeployError, errorText, httpStatus, isAwsError } from '../core/index.ts';
import { explainAwsError } from './errors.ts';
import type { Trust } from './identity-token.ts';
import { audienceOf, IdentityTokenError, noIdentityToken, trustAdvice } from './identity-token.ts';
import type { Role } from './role.ts';
import { namedRole, trustedSubjects } from './role-name.ts';

/** A role that was to be assumed, and with what. */
export interface Attempt extends Trust {
  role: Role;
  region: string;
  /** The input application. */
  application: string;
}

interface Refusal {
  code: string;
  /** Of AWS's sentence, where one code has several meanings. */
  words?: RegExp;
  /** With whose word the role was to be assumed; both when left out. */
  with?: Role['with'];
  /** Over in seconds, most often: worth another try. */
  passing?: true;
  /** What the role trusts is what has to be looked at. */
  asksTrust?: true;
  message: (attempt: Attempt) => string;
  next: (attempt: Attempt) => string;
}

const accountOf = ({ role }: Attempt): string => role.arn.split(':')[4] ?? '';
const again = (): string => 'run this job again: neither the role nor its trust policy is wrong';

/**
 * What STS answers, the first row that fits.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html and …/API_AssumeRole.html; sentences
 * as people report them.
 */
const refusals: Refusal[] = [
  {
    code: 'InvalidIdentityToken',
    words: /verification key/i,
    passing: true,
    message: () =>
      "STS could not get GitHub's keys to check the job's identity token, and several tries were no better",
    next: again,
  },
  {
    code: 'IDPCommunicationError',
    passing: true,
    message: () =>
      "STS could not reach GitHub to check the job's identity token, and several tries were no better",
    next: again,
  },
  {
    code: 'InvalidIdentityToken',
    words: /No OpenIDConnect provider/i,
    message: (attempt) => `account ${accountOf(attempt)} has no OIDC provider for GitHub`,
    next: () =>
      'let an administrator make one (terraform/bootstrap does), or correct the account id in role-to-assume',
  },
  {
    code: 'InvalidIdentityToken',
    words: /audience/i,
    message: (attempt) =>
      `GitHub's OIDC provider in account ${accountOf(attempt)} does not take the audience ${audienceOf(attempt.role.arn)}`,
    next: ({ role }) => `add ${audienceOf(role.arn)} to the audiences (client ids) of the provider`,
  },
  {
    code: 'InvalidIdentityToken',
    words: /thumbprint|certificate/i,
    message: (attempt) =>
      `the thumbprint of GitHub's OIDC provider in account ${accountOf(attempt)} is not that of GitHub's certificate`,
    next: () => 'renew the thumbprints of the provider in IAM',
  },
  ...['InvalidIdentityToken', 'IDPRejectedClaim'].map((code): Refusal => ({
    code,
    message: () => "STS does not take the job's identity token",
    next: (attempt) =>
      `see that the OIDC provider in account ${accountOf(attempt)} is for ${attempt.claims?.issuer ?? 'https://token.actions.githubusercontent.com'}, and run this job again`,
  })),
  {
    code: 'ExpiredToken',
    with: 'identity-token',
    passing: true,
    message: () => "the job's identity token, made a moment ago, has expired for STS",
    next: () =>
      "see that the runner's clock is right and that it reaches STS quickly, then run this job again",
  },
  {
    code: 'ExpiredToken',
    with: 'job-credentials',
    message: () => "the job's own credentials, with which role-to-assume is assumed, have expired",
    next: () =>
      'get them anew right before this step, or for longer; or give the job `permissions: id-token: write`, with which the role is assumed without them',
  },
  {
    code: 'AccessDenied',
    with: 'identity-token',
    asksTrust: true,
    message: ({ role }) => `${role.arn} can not be assumed by this job: its trust policy does not let it in`,
    next: (attempt) =>
      [otherRole(attempt), trustAdvice(attempt)]
        .filter((advice) => advice !== undefined)
        .join('; or, where it is for both, ') +
      ((attempt.environment.AWS_ACCESS_KEY_ID ?? '') === ''
        ? ''
        : "; to assume it with the job's own credentials, give role-chaining: true"),
  },
  {
    code: 'AccessDenied',
    with: 'job-credentials',
    message: ({ role }) => `${role.arn} can not be assumed with the job's own credentials`,
    next: ({ role }) =>
      `let the role's trust policy name who AWS says the job is, and let that one call sts:AssumeRole; ${
        role.externalId === undefined
          ? 'where the trust policy asks for an sts:ExternalId, give role-external-id'
          : 'see that role-external-id is the sts:ExternalId that the trust policy asks for'
      }`,
  },
  {
    code: 'ValidationError',
    words: /Request ARN is invalid/i,
    message: ({ role }) => `role-to-assume is "${role.arn}", which AWS takes for no role's ARN`,
    next: () => 'give the ARN as IAM shows it, like arn:aws:iam::123456789012:role/shop-deploy',
  },
  {
    code: 'ValidationError',
    words: /1 hour session limit|role chaining/i,
    message: ({ role }) =>
      `role-duration-seconds is ${role.durationSeconds ?? 3600}, and AWS gives an hour where a role's credentials assume another role`,
    next: () =>
      'give 3600 or less, or leave role-duration-seconds out: the role is assumed anew before it ends',
  },
  {
    code: 'ValidationError',
    words: /DurationSeconds/,
    message: ({ role }) =>
      `role-duration-seconds is ${role.durationSeconds ?? 3600}, which is longer than ${role.arn} allows`,
    next: () =>
      'give what the role allows (those of terraform/bootstrap: 7200), or raise its maximum session duration',
  },
  {
    code: 'PackedPolicyTooLarge',
    message: ({ role }) =>
      `the session tags that come with the job's credentials are too large for ${role.arn}`,
    next: () => 'hand on fewer or shorter session tags in the step that gets the credentials',
  },
];

/**
 * Whether the next try may well succeed.
 *
 * @param way with what a role was to be assumed; undefined for whatever the job's own credentials come from
 */
export function isPassing(error: unknown, way?: Role['with']): boolean {
  if (error instanceof IdentityTokenError) return error.passing;
  return refusalOf(error, way)?.passing === true;
}

/** Whether a role was refused, told as `explainRefusedRole` tells it, for the length of the session that was asked for. */
export function isTooLong(error: unknown): boolean {
  const cause = error instanceof DeployError ? error.cause : error;
  return isAwsError(cause, 'ValidationError') && errorText(cause).includes('DurationSeconds');
}

/**
 * Why a role could not be assumed, as the failure with reason `credentials`.
 *
 * @returns the error itself where AWS has not said anything about it
 */
export function explainRefusedRole(error: unknown, attempt: Attempt): unknown {
  if (error instanceof DeployError) return error;
  if (error instanceof IdentityTokenError) return noIdentityToken(error);
  if (awsErrorKind(error) === 'no-credentials') return nothingToAssumeWith(error, attempt);
  const refusal = refusalOf(error, attempt.role.with);
  if (refusal === undefined) {
    const known = explainAwsError(error, attempt.region);
    if (known !== undefined || httpStatus(error) === undefined) return known ?? error;
  }
  const { message, next } = refusal ?? {
    message: () => `${attempt.role.arn} can not be assumed by this job`,
    next: () => 'correct what AWS names, or run this job again where it names nothing',
  };
  const { subject, audience } = attempt.claims ?? {};
  return new DeployError({
    reason: 'credentials',
    message: message(attempt),
    evidence: [
      { label: 'what AWS said', text: errorText(error) },
      ...(subject === undefined ? [] : [{ label: "the job's subject", text: subject }]),
      ...(audience === undefined ? [] : [{ label: 'its audience', text: audience }]),
      ...(refusal?.asksTrust === true ? [{ label: 'the role trusts', text: trustOf(attempt) }] : []),
    ],
    next: next(attempt),
    cause: error,
  });
}

/**
 * What the role trusts, as far as its name tells: AWS shows a trust policy to nobody whom it does not let in.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
 */
function trustOf({ role, application, claims, environment }: Attempt): string {
  const { name, of } = namedRole(role.arn, application);
  const shown = `an administrator sees it with: aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument`;
  if (of === undefined) return `AWS does not tell whom it does not let in; ${shown}`;
  const [, ofToken] = /^repo:([^:]+):/.exec(claims?.subject ?? '') ?? [];
  const repository = ofToken ?? environment.GITHUB_REPOSITORY ?? 'owner/name';
  return `${trustedSubjects(of, repository)}, where terraform/bootstrap made it for this repository; ${shown}`;
}

/** What to do where the name of the role says that it is another one's, or for something else. */
function otherRole({ role, application, stage }: Attempt): string | undefined {
  const { name, of } = namedRole(role.arn, application);
  if (of === undefined || of.environment === stage) return undefined;
  return `role-to-assume is ${name}, by its name the role of ${of.environment}, and this job is for ${stage}: give the ARN of ${application}-${stage}-${of.kind}`;
}

function refusalOf(error: unknown, given: Role['with'] | undefined): Refusal | undefined {
  return refusals.find(
    ({ code, words, with: way }) =>
      isAwsError(error, code) &&
      (words === undefined || words.test(errorText(error))) &&
      (way === undefined || way === given),
  );
}

function nothingToAssumeWith(cause: unknown, { role }: Attempt): DeployError {
  return new DeployError({
    reason: 'credentials',
    message: role.chained
      ? 'the job has no AWS credentials, with which role-to-assume is to be assumed (role-chaining)'
      : 'GitHub gives this job no identity token and the job has no AWS credentials: role-to-assume can not be assumed',
    evidence: [{ label: "what AWS's SDK said", text: errorText(cause) }],
    next: 'give the job `permissions: id-token: write` (a pull request from a fork can not have it); or, on a self-hosted runner, let it have credentials that may assume the role',
    cause,
  });
}
