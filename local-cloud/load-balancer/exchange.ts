/** One request and its answer, from the client to a target and back. */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { endToEnd } from './headers.ts';
import { sendError } from './responses.ts';
import { requestTo, type Lease } from './target-group.ts';

/** An Application Load Balancer gives up connecting to a target after 10 s. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Methods that may be sent again when a kept connection turns out to be closed (RFC 9110, section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS']);

/** How a request ended that a target was chosen for. */
export interface Outcome {
  /** The code that the client got. */
  status: number;
  /** Whose answer it was. */
  by: 'target' | 'balancer';
  /** Seconds until the target began to answer. */
  seconds?: number;
  /** No connection to the target came about. */
  unreachable?: boolean;
}

/** Ends exactly once: the answer is out, or the load balancer's own error is, or the client has gone. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #lease: Lease;
  readonly #cookies: readonly string[];
  readonly #report: (outcome: Outcome) => void;
  readonly #began = performance.now();
  #connected = false;
  #upstream: ClientRequest | undefined;
  #over = false;

  constructor(
    {
      request,
      response,
      cookies = [],
    }: { request: IncomingMessage; response: ServerResponse; cookies?: readonly string[] },
    lease: Lease,
    report: (outcome: Outcome) => void,
  ) {
    this.#request = request;
    this.#response = response;
    this.#lease = lease;
    this.#cookies = cookies;
    this.#report = report;
  }

  start(headers: Record<string, string | string[]>, idleTimeout: number): void {
    const cut = (): void => {
      this.#fail(502);
    };
    this.#lease.signal.addEventListener('abort', cut, { once: true });
    this.#response.once('close', () => {
      this.#lease.signal.removeEventListener('abort', cut);
      this.#finish();
    });
    this.#send(headers, idleTimeout, true);
  }

  #send(headers: Record<string, string | string[]>, idleTimeout: number, mayRepeat: boolean): void {
    const { method = 'GET', url } = this.#request;
    const hasBody = 'content-length' in headers || 'transfer-encoding' in headers;
    const repeatable = !hasBody && IDEMPOTENT.has(method);
    const upstream = requestTo(this.#lease)({
      ...this.#lease.address,
      method,
      path: url,
      headers,
      // What can't be sent again never goes down a connection that the target may just be closing.
      agent: repeatable && mayRepeat ? this.#lease.agent : false,
      // Said here: until a connection stands, the agent's own timeout, for idle ones, would count.
      timeout: idleTimeout,
    });
    this.#upstream = upstream;
    const connecting = setTimeout(() => {
      this.#fail(504);
    }, CONNECT_TIMEOUT_MS);
    upstream.once('socket', (socket) => {
      const connected = (): void => {
        this.#connected = true;
        clearTimeout(connecting);
      };
      if (!socket.connecting) connected();
      else socket.once('connect', connected);
    });
    upstream.once('timeout', () => {
      this.#fail(504);
    });
    upstream.once('error', () => {
      clearTimeout(connecting);
      if (upstream !== this.#upstream || this.#over) return;
      if (repeatable && mayRepeat && upstream.reusedSocket && !this.#response.headersSent)
        this.#send(headers, idleTimeout, false);
      else this.#fail(502);
    });
    upstream.once('response', (answer) => {
      this.#answer(answer);
    });
    if (hasBody) this.#request.pipe(upstream);
    else upstream.end();
  }

  #answer(answer: IncomingMessage): void {
    if (this.#over) return;
    const seconds = Math.round(performance.now() - this.#began) / 1000;
    this.#report({ status: answer.statusCode ?? 502, by: 'target', seconds });
    const headers = endToEnd(answer.rawHeaders);
    for (const cookie of this.#cookies) headers.push('Set-Cookie', cookie);
    this.#response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
    answer.once('error', () => {
      this.#fail(502);
    });
    answer.pipe(this.#response);
  }

  #fail(status: number): void {
    if (this.#over) return;
    if (!this.#response.headersSent) {
      this.#request.unpipe();
      this.#report({ status, by: 'balancer', unreachable: !this.#connected });
    }
    sendError(this.#response, status);
    this.#upstream?.destroy();
  }

  /** The answer is out, or the client has gone. */
  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#response.writableFinished) this.#upstream?.destroy();
    this.#lease.release();
  }
}
