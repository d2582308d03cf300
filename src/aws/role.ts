import { DeployError } from '../core/index.ts';
import type { Inputs } from '../inputs/index.ts';

/** The inputs that say which role, and how. */
export type RoleInputs = Pick<
  Inputs,
  'roleToAssume' | 'roleSessionName' | 'roleDurationSeconds' | 'roleExternalId' | 'roleChaining'
>;

/** A role to assume. */
export interface Role {
  arn: string;
  /** GitHub's identity token, or whatever AWS credentials the job has: keys, a profile, an instance's or container's. */
  with: 'identity-token' | 'job-credentials';
  /** The job's credentials were asked for. */
  chained: boolean;
  sessionName: string;
  /** What was asked for; STS gives an hour where it is left out. */
  durationSeconds: number | undefined;
  externalId: string | undefined;
}

/**
 * Which role is assumed, and with what: GitHub's identity token where the job may have one, as
 * aws-actions/configure-aws-credentials does, else the job's credentials. Pure.
 *
 * @throws DeployError `input-invalid`: an external id, which no identity token can be accompanied by
 */
export function roleOf(inputs: RoleInputs, environment: NodeJS.ProcessEnv): Role | undefined {
  const { roleToAssume: arn, roleSessionName, roleDurationSeconds, roleExternalId, roleChaining } = inputs;
  if (arn === undefined) return undefined;
  const given = (name: string) => (environment[name] ?? '') !== '';
  const hasToken = given('ACTIONS_ID_TOKEN_REQUEST_URL') && given('ACTIONS_ID_TOKEN_REQUEST_TOKEN');
  const role: Role = {
    arn,
    with: hasToken && !roleChaining ? 'identity-token' : 'job-credentials',
    chained: roleChaining,
    sessionName: roleSessionName ?? `asg-deploy-${environment.GITHUB_RUN_ID ?? 'local'}`.slice(0, 64),
    durationSeconds: roleDurationSeconds,
    externalId: roleExternalId,
  };
  if (role.with === 'identity-token' && roleExternalId !== undefined)
    throw new DeployError({
      reason: 'input-invalid',
      message: `role-external-id is "${roleExternalId}"; leave it out: this job has an identity token of GitHub, and a role that is assumed with one takes no external id. To assume it with the job's own credentials, give role-chaining: true`,
      left: 'Nothing was touched.',
    });
  return role;
}
