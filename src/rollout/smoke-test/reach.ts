/** What keeps a request from getting as far as the load balancer. */
export type Obstacle = 'name' | 'connection' | 'certificate' | 'proxy' | 'port';

/**
 * Why a request that failed never reached the load balancer; undefined where a connection was there, and what was wrong
 * then is the service's matter. A load balancer of HTTP takes every connection, whatever its targets do: without one,
 * nothing can be said about a version. Pure.
 *
 * @param error as `fetch` throws it: https://nodejs.org/api/errors.html#nodejs-error-codes, and those of undici and OpenSSL
 */
export function obstacleOf(error: unknown): Obstacle | undefined {
  for (const { code, message } of chainOf(error)) {
    if (/\bproxy\b/i.test(message)) return 'proxy';
    if (/^(ENOTFOUND|EAI_\w+)$/.test(code)) return 'name';
    if (/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO$)/.test(code))
      return 'certificate';
    if (message.includes('before secure TLS connection')) return 'certificate';
    if (
      /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|ETIMEDOUT)$/.test(
        code,
      )
    )
      return 'connection';
    if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'connection';
    if (message === 'bad port') return 'port';
  }
  return undefined;
}

/** A proxy that refuses answers itself, and says so (RFC 9110, 407; RFC 9209, Proxy-Status; Squid's own header). */
export function isAnswerOfProxy(status: number, headers: Headers): boolean {
  return (
    status === 407 || headers.has('x-squid-error') || /;\s*error=/.test(headers.get('proxy-status') ?? '')
  );
}

/** What a person does about an obstacle. */
export const wayAround: Readonly<Record<Obstacle, string>> = {
  name: "its name has to resolve on the runner: mend the output url, or use a self-hosted runner that asks the VPC's own DNS",
  connection:
    "run the job on a self-hosted runner in the VPC (nothing else reaches an internal load balancer), or let the runner through the load balancer's security group (GitHub's own runners come from outside, and have no IPv6)",
  certificate:
    'let url have a name that its certificate is for, and the runner trust who signed it: NODE_EXTRA_CA_CERTS names a file with the root of a private CA',
  proxy: 'let the proxy pass it on, or name the host in NO_PROXY',
  port: 'let the load balancer listen on another port: HTTP clients refuse this one',
};

/** The words of a request that failed: its own, and those of what caused it. */
export function wordsOf(error: unknown): string {
  const words = chainOf(error).flatMap(
    ({ message, code }) => message.replace(/\s+/g, ' ').trim() || code || [],
  );
  return [...new Set(words)].slice(0, 2).join(': ') || String(error);
}

/** An error, its causes, and those that it stands for: one an address, say. */
function chainOf(error: unknown): { code: string; message: string }[] {
  if (typeof error !== 'object' || error === null) return [];
  const { code, message, cause, errors } = error as Record<string, unknown>;
  const gathered = Array.isArray(errors) ? (errors as unknown[]) : [];
  const own = {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
  };
  return [own, ...gathered.flatMap(chainOf), ...chainOf(cause)];
}
