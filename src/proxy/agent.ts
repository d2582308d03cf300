import { Agent } from 'agent-base';
import type { AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { ClientRequest } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Proxies, Proxy } from './proxies.ts';
import { nameOf, proxyFor } from './proxies.ts';

/** As many connections to one host as AWS's SDK takes by itself. */
const connections = { keepAlive: true, maxSockets: 50 };

/** The proxy could not be reached or would not let a request out. */
class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** AWS's SDK tries again what has it. */
  readonly $retryable?: { throttling: false };

  constructor(message: string, { passing, cause }: { passing: boolean; cause?: unknown }) {
    super(message, { cause });
    if (passing) this.$retryable = { throttling: false };
  }
}

/** Goes through a tunnel, and takes no answer of the proxy for one of whom it was to reach. */
class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #name: string;

  constructor(proxy: Proxy) {
    super(proxy.url.href, connections);
    this.#name = nameOf(proxy);
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    let answer: { statusCode: number; statusText: string } | undefined;
    request.once('proxyConnect', (given: typeof answer) => (answer = given));
    const socket = await super.connect(request, options).catch((error: unknown) => {
      throw outOfReach(this.#name, error);
    });
    if (answer === undefined || answer.statusCode === 200) return socket;
    socket.destroy();
    const { statusCode, statusText } = answer;
    const host = `${String(options.host)}:${String(options.port)}`;
    throw new ProxyError(
      `the proxy ${this.#name} does not connect to ${host}: ${statusCode} ${statusText}`.trimEnd(),
      { passing: statusCode >= 500 },
    );
  }
}

/** Hands a request without TLS to the proxy. */
class ForwardAgent extends HttpProxyAgent<string> {
  readonly #name: string;

  constructor(proxy: Proxy) {
    super(proxy.url.href, connections);
    this.#name = nameOf(proxy);
  }

  override async connect(...given: Parameters<HttpProxyAgent<string>['connect']>): Promise<Socket> {
    return super.connect(...given).catch((error: unknown) => {
      throw outOfReach(this.#name, error);
    });
  }
}

function outOfReach(name: string, cause: unknown): ProxyError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ProxyError(`the proxy ${name} can not be reached: ${why}`, { passing: true, cause });
}

/**
 * One agent for every address: each request takes the way that the job's environment names for it. The connections are
 * those of the agents that it hands requests to, so that of clients that share it one can be destroyed.
 */
export class WayOut extends Agent {
  readonly #proxies: Proxies;
  readonly #agents = new Map<string, http.Agent>();

  constructor(proxies: Proxies) {
    super();
    this.#proxies = proxies;
  }

  override connect(_request: ClientRequest, options: AgentConnectOpts): http.Agent {
    const secure = options.secureEndpoint;
    const target = { secure, host: options.host ?? 'localhost', port: Number(options.port) };
    const proxy = proxyFor(target, this.#proxies);
    const key = `${secure} ${proxy?.url.href ?? ''}`;
    const agent = this.#agents.get(key) ?? newAgent(secure, proxy);
    this.#agents.set(key, agent);
    return agent;
  }
}

function newAgent(secure: boolean, proxy: Proxy | undefined): http.Agent {
  if (proxy === undefined) return secure ? new https.Agent(connections) : new http.Agent(connections);
  return secure ? new TunnelAgent(proxy) : new ForwardAgent(proxy);
}
