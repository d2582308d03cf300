import { claimsIn, DeployError } from '../core/index.ts';

/** What GitHub's identity token says of a job; nothing of it is secret, the token itself is. */
export interface Claims {
  issuer: string | undefined;
  subject: string | undefined;
  audience: string | undefined;
}

/** GitHub gave no identity token. */
export class IdentityTokenError extends Error {
  /** Worth another try: GitHub's toolkit has tried those of a gateway (502 to 504) often enough. */
  readonly passing: boolean;
  /** GitHub's side failed, whatever the job may have. */
  readonly ofGithub: boolean;

  constructor(cause: unknown) {
    const message = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ');
    super(message, { cause });
    const [, code] = /Error Code : (\d+|undefined)/.exec(message) ?? [];
    const status = Number(code);
    this.ofGithub = code === 'undefined' || status >= 500 || status === 429;
    this.passing = this.ofGithub && ![502, 503, 504].includes(status);
  }
}

/** What can be read of a token (RFC 7519, section 4.1); undefined where it is none. */
export function claimsOf(token: string): Claims | undefined {
  const claims = claimsIn(token);
  const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return claims && { issuer: asText(claims.iss), subject: asText(claims.sub), audience: asText(claims.aud) };
}

/** China's STS has an audience of its own. */
export function audienceOf(roleArn: string): string {
  return roleArn.startsWith('arn:aws-cn:') ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com';
}

/** The failure of a job that is given no token, or whose token service does not answer. */
export function noIdentityToken(error: IdentityTokenError): DeployError {
  const evidence = [{ label: 'what GitHub said', text: error.message }];
  if (error.ofGithub)
    return new DeployError({
      reason: 'credentials',
      message:
        "GitHub's token service gives no identity token, without which role-to-assume can not be assumed",
      evidence,
      next: "run this job again when it answers; on a self-hosted runner see that the runner reaches it, through the job's HTTPS_PROXY where it needs one",
      cause: error,
    });
  return new DeployError({
    reason: 'credentials',
    message: 'GitHub gives this job no identity token, without which role-to-assume can not be assumed',
    evidence,
    next: 'give the job `permissions: id-token: write`; a pull request from a fork can not have it',
    cause: error,
  });
}

/** What the trust policy of a role has to be compared with. */
export interface Trust {
  claims: Claims | undefined;
  /** The input environment. */
  stage: string;
  /** Variables of the job. */
  environment: NodeJS.ProcessEnv;
}

/**
 * What a trust policy needs that does not let the job in. GitHub writes the ids of owner and repository into the subject of
 * repositories made, renamed or moved since 15 July 2026: `repo:owner@1/name@2:environment:prod`.
 * https://docs.github.com/actions/reference/security/oidc
 */
export function trustAdvice({ claims, stage, environment }: Trust): string {
  const subject = claims?.subject;
  const wanted = `environment:${stage}`;
  if (subject === undefined) {
    const [plain, withIds] = subjectsOf(environment, wanted);
    return `let the role's trust policy allow the subject ${plain} or, where GitHub writes ids into it (repositories made, renamed or moved since July 2026), ${withIds}, with GitHub's OIDC provider; terraform/bootstrap makes both`;
  }
  const allow = `let the role's trust policy allow the subject ${subject} and the audience ${claims?.audience ?? ''} of GitHub's OIDC provider`;
  if (subject.endsWith(':pull_request'))
    return `let the job of a pull request assume the plan role of ${stage}, which reads and changes nothing: terraform/bootstrap makes one for each of github.plan_environments; or ${allow}`;
  if (!subject.endsWith(`:${wanted}`))
    return `give the job \`environment: ${stage}\`, which is what the roles of terraform/bootstrap trust (the subject then ends with ${wanted}); or ${allow}`;
  const [, withIds] = /^repo:([^/:]+@\d+\/[^/:]+@\d+):/.exec(subject) ?? [];
  return withIds === undefined
    ? `${allow}: a policy for the form with ids, repo:owner@id/name@id, does not match; terraform/bootstrap makes role and provider`
    : `${allow}: GitHub writes the ids of owner and repository into it since July 2026, and a policy for repo:owner/name does not match; terraform/bootstrap takes the two as github.owner_id and github.repository_id (${withIds})`;
}

function subjectsOf(environment: NodeJS.ProcessEnv, wanted: string): [string, string] {
  const {
    GITHUB_REPOSITORY: repository = 'owner/name',
    GITHUB_REPOSITORY_OWNER_ID: owner = '<owner id>',
    GITHUB_REPOSITORY_ID: id = '<repository id>',
  } = environment;
  const withIds = repository.replace('/', `@${owner}/`);
  return [`repo:${repository}:${wanted}`, `repo:${withIds}@${id}:${wanted}`];
}
