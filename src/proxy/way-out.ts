import type { Agent, IncomingMessage } from 'node:http';
import type { Log } from '../core/index.ts';
import { nameOf, proxyFor, proxyVariables, readProxies, secretsOf } from './proxies.ts';

/**
 * Makes one way out of the proxies that the environment names: every spelling of their variables is set, for what GitHub's
 * toolkit calls and for child processes, and their passwords are secrets of the log from then on.
 *
 * @param environment is changed
 * @throws DeployError `input-invalid` that names the variable that can't be used
 */
export function settleProxies(environment: NodeJS.ProcessEnv, log: Log): void {
  const { http, https } = readProxies(environment);
  const given = [http, https].filter((proxy) => proxy !== undefined);
  for (const secret of given.flatMap(secretsOf)) log.secret(secret);
  Object.assign(environment, proxyVariables(environment));
  const names = [...new Set(given.map(nameOf))];
  if (names.length > 0) log.line(`through the proxy ${names.join(' and ')}`);
}

/**
 * The agent for HTTP and HTTPS requests of a job that has a proxy, loaded only there; it may be shared.
 *
 * @returns undefined when the environment names no proxy
 * @throws DeployError `input-invalid` like `settleProxies`
 */
export async function wayOut(environment: NodeJS.ProcessEnv): Promise<Agent | undefined> {
  const proxies = readProxies(environment);
  if (proxies.http === undefined && proxies.https === undefined) return undefined;
  const { WayOut } = await import('./agent.ts');
  return new WayOut(proxies);
}

/**
 * `fetch`, through the proxy where the job's environment has one for the address: Node's own knows none. There it follows
 * no redirect.
 */
export async function fetchOut(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const request = new Request(input, init);
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const port = Number(url.port) || (secure ? 443 : 80);
  const proxied = proxyFor({ secure, host: url.hostname, port }, readProxies(process.env)) !== undefined;
  const agent = proxied ? await wayOut(process.env) : undefined;
  // eslint-disable-next-line no-restricted-globals -- this is the way to it
  return agent === undefined ? fetch(input, init) : fetchThrough(agent, url, request);
}

/** Statuses whose answers have no body, which `Response` insists on. */
const withoutBody = [204, 205, 304];

async function fetchThrough(agent: Agent, url: URL, given: Request): Promise<Response> {
  const { method, headers, signal } = given;
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const options = { agent, method, headers: Object.fromEntries(headers), signal };
  try {
    const content = given.body === null ? undefined : Buffer.from(await given.arrayBuffer());
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      request(url, options, resolve).on('error', reject).end(content),
    );
    const body = Buffer.concat((await answer.toArray()) as Buffer[]);
    const status = answer.statusCode ?? 0;
    const type = answer.headers['content-type'];
    return new Response(withoutBody.includes(status) ? null : body, {
      status,
      headers: type === undefined ? {} : { 'content-type': type },
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
