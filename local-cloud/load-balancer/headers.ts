/** Headers on their way through the load balancer. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Headers that concern one connection only (RFC 9110, section 7.6.1). */
const CONNECTION_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
]);

/** `Root=1-<seconds, hexadecimal>-<24 hexadecimal digits>`, as the load balancer adds when there is none. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** Raw headers (name, value, name, value …) without those that end at this connection. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) kept.push(name, rawHeaders[at + 1] ?? '');
  }
  return kept;
}

/**
 * The headers that the target gets: the client's, and where the request came from.
 * @param port the listener's port
 */
export function forwardedHeaders(request: IncomingMessage, port: number): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values === undefined || CONNECTION_HEADERS.has(name) || name === 'expect') continue;
    headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  const client = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const before = request.headers['x-forwarded-for'];
  headers['x-forwarded-for'] = before === undefined ? client : `${[before].flat().join(', ')}, ${client}`;
  headers['x-forwarded-proto'] = 'http';
  headers['x-forwarded-port'] = String(port);
  headers['x-amzn-trace-id'] ??= traceId();
  return headers;
}
