/** What the name of a role says, where terraform/bootstrap made it: `shop-prod-deploy`, `shop-prod-plan`, or with a suffix. */
export interface NamedRole {
  name: string;
  /** Of this application; undefined for a role of another name. */
  of?: { environment: string; kind: 'deploy' | 'plan' };
}

/** @param arn of a role, with or without a path */
export function namedRole(arn: string, application: string): NamedRole {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const rest = name.startsWith(`${application}-`) ? name.slice(application.length + 1) : '';
  const [, environment, kind] = /^(.+)-(deploy|plan)(?:-|$)/.exec(rest) ?? [];
  return environment === undefined
    ? { name }
    : { name, of: { environment, kind: kind as 'deploy' | 'plan' } };
}

/**
 * What terraform/bootstrap lets such a role trust: subjects of GitHub's identity tokens. Pure.
 *
 * @param repository as the subject of the job's token calls it, with ids or without
 */
export function trustedSubjects(
  { environment, kind }: NonNullable<NamedRole['of']>,
  repository: string,
): string {
  return kind === 'deploy'
    ? `repo:${repository}:environment:${environment}`
    : `repo:${repository}:pull_request, and branches in github.plan_branches`;
}
