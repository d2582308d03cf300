/** Who may assume a role with an identity provider's token: its trust policy against the token's claims. */
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { Role } from './account.ts';

interface Statement {
  Effect?: string;
  Principal?: unknown;
  [key: string]: unknown;
}

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const names = (statement: Statement, providerArn: string): boolean => {
  const principal = statement.Principal;
  if (principal === '*') return true;
  const federated = (principal as { Federated?: unknown } | undefined)?.Federated;
  return listOf(federated).some((one) => one === providerArn || one === '*');
};

/**
 * The evaluator takes no condition keys of a provider that the Service Authorization Reference does not list, and `sub`
 * and `aud` of GitHub's are not in it. So the statements that name the provider are evaluated without that check, as
 * the policy of an identity.
 * @param context the claims under their condition keys, `token.actions.githubusercontent.com:sub` for instance
 */
export function isTrusted(
  role: Role,
  {
    providerArn,
    context,
    accountId,
  }: { providerArn: string; context: Record<string, string>; accountId: string },
): boolean {
  const statements = listOf((role.trust as { Statement?: unknown }).Statement) as Statement[];
  const about = statements
    .filter((statement) => names(statement, providerArn))
    .map((statement) => ({ ...statement, Principal: undefined, Resource: '*' }));
  const result = runUnsafeSimulation(
    {
      request: {
        principal: role.arn,
        action: 'sts:AssumeRoleWithWebIdentity',
        resource: { resource: role.arn, accountId },
        contextVariables: context,
      },
      identityPolicies: [{ name: 'trust', policy: { Version: '2012-10-17', Statement: about } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return result === 'Allowed';
}
