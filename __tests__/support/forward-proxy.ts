import { RequestError, Server } from 'proxy-chain';

export interface ForwardProxy {
  /** http://127.0.0.1:port */
  url: string;
  port: number;
  /** Each request that came in, by where it was to go: "127.0.0.1:4566", or "CONNECT example.com:443". */
  asked: string[];
  /** The services of AWS that requests without TLS were signed for. */
  services: Set<string>;
  /** What it counts itself: requests, and tunnels. */
  count: () => number;
  close: () => Promise<void>;
}

/**
 * A forward proxy that somebody else wrote, on a port of its own.
 *
 * @param login what it wants to hear, "user:password"
 * @param refuses what it answers instead of letting anybody out
 */
export async function startForwardProxy(
  { login, refuses }: { login?: string; refuses?: number } = {},
  port = 0,
): Promise<ForwardProxy> {
  const asked: string[] = [];
  const services = new Set<string>();
  const server = new Server({
    port,
    host: '127.0.0.1',
    prepareRequestFunction({ request, hostname, port: target, isHttp, username, password }) {
      const service = /\/([^/]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1];
      if (service !== undefined) services.add(service);
      asked.push(`${isHttp ? '' : 'CONNECT '}${hostname}:${target}`);
      if (refuses !== undefined) throw new RequestError('it lets nobody out', refuses);
      return { requestAuthentication: login !== undefined && `${username}:${password}` !== login };
    },
  });
  await server.listen();
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    asked,
    services,
    count: () => server.stats.httpRequestCount + server.stats.connectRequestCount,
    close: () => server.close(true),
  };
}
