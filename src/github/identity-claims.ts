import { claimsIn } from '../core/index.ts';

/**
 * What GitHub's identity token says of the job, unverified: it is GitHub's own answer. undefined where the job may have
 * none, or none comes.
 * https://docs.github.com/actions/reference/security/oidc
 */
export async function identityClaims(
  environment: NodeJS.ProcessEnv,
): Promise<Record<string, unknown> | undefined> {
  if ((environment.ACTIONS_ID_TOKEN_REQUEST_URL ?? '') === '') return undefined;
  try {
    return claimsIn(await (await import('@actions/core')).getIDToken());
  } catch {
    return undefined;
  }
}
