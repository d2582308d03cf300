/** What a token says, unverified (RFC 7519, section 3); undefined where it is none. */
export function claimsIn(token: string): Record<string, unknown> | undefined {
  try {
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const claims = JSON.parse(text) as Record<string, unknown> | null;
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
