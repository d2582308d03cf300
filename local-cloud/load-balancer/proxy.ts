/** One listener of a load balancer: a reverse proxy on a port of this machine. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Action, ListenerConfiguration } from './configuration.ts';
import { Exchange, type Outcome } from './exchange.ts';
import { forwardedHeaders } from './headers.ts';
import { sendError } from './responses.ts';
import { actionFor, drawTargetGroup, redirectLocation, type RequestFacts } from './routing.ts';
import { bindingCookies, boundGroup } from './stickiness.ts';
import type { Lease } from './target-group.ts';
import { tunnel } from './tunnel.ts';

export interface ProxyBackend {
  /** Undefined while there is no such listener (yet): connections are closed. */
  listener(): ListenerConfiguration | undefined;
  idleTimeoutSeconds(): number;
  lease(targetGroupArn: string): Lease | undefined;
  /** Every answer of this listener, but for those of rules that answer by themselves and of tunnels. */
  served?(request: Served): void;
}

/** One request that was answered: by a target, or by the load balancer in a target's stead. */
export interface Served extends Outcome {
  /** Undefined when there was no target to choose. `of`: how many targets it was chosen from. */
  target?: { group: string; instanceId: string; of: number };
}

/** A target, of which target group, and what binds the client to that. */
type GroupLease = Lease & { group: string; cookies: string[] };

function factsOf(request: IncomingMessage): RequestFacts {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    host: (request.headers.host ?? '').replace(/:\d+$/, ''),
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    sourceIp: request.socket.remoteAddress ?? '',
    headers: request.headers,
  };
}

export class Proxy {
  readonly #backend: ProxyBackend;
  readonly #server: Server;

  constructor(backend: ProxyBackend) {
    this.#backend = backend;
    this.#server = createServer({ keepAlive: true, noDelay: true }, (request, response) => {
      this.#handle(request, response);
    });
    // Clients may keep a connection for as long as they like; a request may take as long as its target does.
    this.#server.keepAliveTimeout = 3_600_000;
    this.#server.requestTimeout = 0;
    this.#server.on('connection', (socket: Socket) => {
      if (this.#backend.listener() === undefined) socket.destroy();
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
  }

  /** Listens on 127.0.0.1. Rejects with the system's error, for instance EADDRINUSE. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', 1024, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  #action(request: IncomingMessage): Action | undefined {
    const listener = this.#backend.listener();
    return listener && actionFor(listener, factsOf(request));
  }

  #lease(action: Action | undefined, request: IncomingMessage): GroupLease | undefined {
    if (action?.type !== 'forward') return undefined;
    const now = Date.now();
    const group =
      boundGroup(action, request.headers.cookie, now) ?? drawTargetGroup(action.targetGroups, Math.random());
    const lease = group === undefined ? undefined : this.#backend.lease(group);
    if (group === undefined || lease === undefined) return undefined;
    return { ...lease, group, cookies: bindingCookies(action, group, now) };
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const action = this.#action(request);
    if (action?.type === 'fixed-response') {
      response.writeHead(action.status, { server: 'awselb/2.0', 'content-type': action.contentType });
      response.end(action.body);
      return;
    }
    if (action?.type === 'redirect') {
      const port = this.#backend.listener()?.port ?? 80;
      const location = redirectLocation(action, factsOf(request), port);
      response.writeHead(action.status, { server: 'awselb/2.0', location }).end();
      return;
    }
    const lease = this.#lease(action, request);
    if (lease === undefined) {
      this.#backend.served?.({ status: 503, by: 'balancer' });
      sendError(response, 503);
    } else this.#forward(request, response, lease);
  }

  #forward(request: IncomingMessage, response: ServerResponse, lease: GroupLease): void {
    const { group, instanceId, of, cookies } = lease;
    const exchange = new Exchange({ request, response, cookies }, lease, (outcome) => {
      this.#backend.served?.({ ...outcome, target: { group, instanceId, of } });
    });
    exchange.start(
      forwardedHeaders(request, this.#backend.listener()?.port ?? 80),
      this.#backend.idleTimeoutSeconds() * 1000,
    );
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const lease = this.#lease(this.#action(request), request);
    const headers = forwardedHeaders(request, this.#backend.listener()?.port ?? 80);
    tunnel({ request, socket, head }, headers, lease);
  }
}
