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
    const token = await (await import('@actions/core')).getIDToken();
    const [, payload = ''] = token.split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
