/**
 * Clients that stay with a target group: the cookie that a load balancer gives them, and what it does with it.
 * Source: User Guide for Application Load Balancers, "Sticky sessions". Assumed, because it does not say: the cookie
 * holds whatever the weights have become, as long as the action names the target group.
 */
import type { Action } from './configuration.ts';

type Forward = Extract<Action, { type: 'forward' }>;

const COOKIE = 'AWSALBTG';
/** The same for requests from other sites, which need SameSite=None. */
const CORS_COOKIE = 'AWSALBTGCORS';

function cookies(header: string | undefined): Map<string, string> {
  const pairs = (header ?? '').split(';').map((pair): [string, string] => {
    const [name = '', ...value] = pair.split('=');
    return [name.trim(), value.join('=').trim()];
  });
  return new Map(pairs);
}

/** The target group that a request's cookie binds it to; undefined: it is free. */
export function boundGroup(
  { targetGroups, stickySeconds }: Forward,
  cookieHeader: string | undefined,
  now: number,
): string | undefined {
  if (stickySeconds === undefined) return undefined;
  const sent = cookies(cookieHeader);
  const value = sent.get(COOKIE) ?? sent.get(CORS_COOKIE) ?? '';
  const [until = '', arn] = Buffer.from(value, 'base64url').toString().split(' ');
  return Number(until) > now ? targetGroups.find((group) => group.arn === arn)?.arn : undefined;
}

/** Values of Set-Cookie that bind a client to a target group from now on; none when clients are free. */
export function bindingCookies({ stickySeconds }: Forward, arn: string, now: number): string[] {
  if (stickySeconds === undefined) return [];
  const until = now + stickySeconds * 1000;
  // AWS's value is encrypted; nobody reads it but the load balancer.
  const value = Buffer.from(`${until} ${arn}`).toString('base64url');
  const rest = `${value}; Expires=${new Date(until).toUTCString()}; Path=/`;
  return [`${COOKIE}=${rest}`, `${CORS_COOKIE}=${rest}; SameSite=None`];
}
