/**
 * The one address that stands for AWS. Says for each request which service it is for, answers it from our own
 * services or from moto, and remembers it.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type CallLog, errorCodeOf, subjectOf } from './calls.ts';
import { type Fault, type Faults, faultError } from './faults.ts';
import { forward, readBody, type Upstream } from './forward.ts';
import { identify, UNSIGNED_OPERATIONS, type Identified } from './identify.ts';
import { type ErrorFormat, formatFor, parseCbor, renderError, renderResult } from './protocols.ts';
import { parseQuery } from './query.ts';
import {
  type Answer,
  type AnswerFilter,
  type ApiCall,
  ApiError,
  type Authorize,
  type CallCheck,
  type RestRequest,
  type Service,
} from './wire.ts';

/** What a gateway answers from. */
export interface GatewayOptions {
  /** 0: any free port. Always on 127.0.0.1. */
  port: number;
  region: string;
  accountId: string;
  upstream: Upstream;
  /** What is answered here instead of by moto; asked for at every call. Undefined during a reset. */
  routes: () => Routes | undefined;
  /** Answers `/_local/…`. */
  control: (request: ControlRequest) => Promise<Answer>;
  calls: CallLog;
  faults: Faults;
  /** Refuses what AWS's model of the service refuses, and knows the status of its errors. */
  models?: {
    validate(call: ApiCall, format: ErrorFormat): void;
    statusOf(call: ApiCall, code: string): number | undefined;
  };
  log: (line: string) => void;
}

export interface Routes {
  /** Our own services, by signing name. */
  services: Record<string, Service>;
  filters: readonly AnswerFilter[];
  checks?: readonly CallCheck[];
  /** Asked before anything is done; without it everybody may do everything. */
  authorize?: Authorize;
}

export interface ControlRequest {
  method: string;
  /** Below `/_local`, for instance `/faults`. */
  path: string;
  query: URLSearchParams;
  body: string;
}

/** A gateway that listens. */
export interface Gateway {
  port: number;
  close(): Promise<void>;
}

/** A request whose service and operation are known. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  identified: Identified;
  call: ApiCall;
  /** Undefined while the body is still to be streamed (S3). */
  body?: Buffer;
  /** The ARN of who makes the call, once its permission was looked at. */
  principal?: string;
}

const REST_SERVICES = new Set(['s3', 'route53']);

/** Undefined for a service that has parameters. */
function restOf({ service }: Identified, url: URL, request: IncomingMessage): RestRequest | undefined {
  if (service === undefined || !REST_SERVICES.has(service)) return undefined;
  return { path: decodeURIComponent(url.pathname), query: url.searchParams, headers: request.headers };
}

function send(response: ServerResponse, answer: Answer): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': String(body.length) });
  response.end(body);
}

function parseBody(
  identified: Identified,
  body: Buffer,
): { operation: string; parameters: ApiCall['parameters'] } {
  const operation = identified.operation ?? '';
  if (identified.errorFormat === 'cbor') {
    try {
      return { operation, parameters: parseCbor(body) };
    } catch {
      throw new ApiError('SerializationException', 'The request body is not a CBOR map.');
    }
  }
  if (identified.errorFormat !== 'json') {
    const parsed = parseQuery(body.toString());
    return {
      operation: parsed.operation === '' ? operation : parsed.operation,
      parameters: parsed.parameters,
    };
  }
  try {
    const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
    if (typeof parsed !== 'object' || parsed === null) throw new Error('not an object');
    return { operation, parameters: parsed as ApiCall['parameters'] };
  } catch {
    throw new ApiError('SerializationException', 'The request body is not a JSON object.');
  }
}

/** Whether a request comes from no web page, or from the console's own, whose scripts say where they are from. */
const isOwnPage = (origin: string | undefined, port: number | undefined): boolean =>
  origin === undefined || [`http://127.0.0.1:${port}`, `http://localhost:${port}`].includes(origin);

class GatewayServer {
  readonly #options: GatewayOptions;
  readonly #servers: Server[] = [];

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  async listen(where: ListenOptions): Promise<Server> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        this.#options.log(`gateway: ${request.method} ${request.url}: ${String(error)}`);
        response.destroy();
      });
    });
    // Longer than the SDKs keep a connection, so that it is never the server that closes one under a request.
    server.keepAliveTimeout = 120_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, resolve);
    });
    this.#servers.push(server);
    return server;
  }

  async closeServer(server: Server): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    this.#servers.splice(this.#servers.indexOf(server), 1);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => this.closeServer(server)));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(`http://127.0.0.1${request.url ?? '/'}`);
    if (url === null) {
      send(response, { status: 400, headers: {}, body: 'the address can not be understood\n' });
      return;
    }
    if (url.pathname.startsWith('/_local/')) {
      await this.#control(request, response, url);
      return;
    }
    const identified = identify(request.method ?? 'GET', url, request.headers, this.#options.region);
    const requestId = randomUUID();
    const { identity: accessKeyId, sessionToken } = identified;
    const base = {
      ...{ region: identified.region, accountId: this.#options.accountId, requestId },
      signer: accessKeyId === undefined ? undefined : { accessKeyId, sessionToken },
      rest: restOf(identified, url, request),
    };
    // What is known so far, for the log of calls and for the error's format.
    let call: ApiCall = {
      ...base,
      service: identified.service ?? '',
      operation: identified.operation ?? '',
      parameters: {},
    };
    const exchange: Exchange = { request, response, identified, call };
    try {
      if (identified.service === 's3') {
        await this.#answer(exchange);
        return;
      }
      const body = await readBody(request);
      const { operation, parameters } = parseBody(
        identified,
        body.length > 0 ? body : Buffer.from(url.search),
      );
      const rest = call.rest && { ...call.rest, body: body.toString() };
      call = { ...call, operation, parameters, rest };
      const unsigned = UNSIGNED_OPERATIONS.includes(operation) ? 'sts' : undefined;
      const service = identified.service ?? unsigned;
      if (service === undefined) {
        throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
      }
      call = { ...call, service };
      await this.#answer(Object.assign(exchange, { call, body }));
    } catch (error) {
      this.#refuse(Object.assign(exchange, { call }), error);
    }
  }

  async #control(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (!isOwnPage(request.headers.origin, request.socket.localPort)) {
      // Another page in the user's browser has no business here.
      send(response, { status: 403, headers: {}, body: 'requests from a web page are refused\n' });
      return;
    }
    const body = (await readBody(request)).toString();
    const path = url.pathname.slice('/_local'.length);
    const method = request.method ?? 'GET';
    send(response, await this.#options.control({ method, path, query: url.searchParams, body }));
  }

  /** Errors that a service threw go to the caller in its protocol; anything else is our own fault, and said so. */
  #refuse(exchange: Exchange, error: unknown): void {
    const { response, call } = exchange;
    const known = error instanceof ApiError;
    if (!known) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.log(`gateway: ${call.service}:${call.operation} failed: ${text}`);
    }
    const { code, message, status } = known
      ? error
      : new ApiError('InternalFailure', `the local cloud failed: ${String(error)}`, 500);
    const shown = new ApiError(code, message, status ?? this.#options.models?.statusOf(call, code) ?? 400);
    this.#record(exchange, shown.status ?? 400, code);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const service = this.#service(call);
    const format = formatFor(service, exchange.identified.errorFormat);
    send(response, renderError(format, shown, call.requestId, service?.namespace));
  }

  #service({ service }: ApiCall): Service | undefined {
    const services = this.#options.routes()?.services ?? {};
    return Object.hasOwn(services, service) ? services[service] : undefined;
  }

  #record(exchange: Exchange, status: number, errorCode?: string): void {
    const { request, call, principal } = exchange;
    const { service, operation } = call;
    const { identity } = exchange.identified;
    const subject = subjectOf(call, request.url ?? '');
    const what = { service, operation, status, errorCode, subject };
    this.#options.calls.add({ at: Date.now(), ...what, identity, principal });
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { call, response } = exchange;
    if (this.#options.routes() === undefined) {
      throw new ApiError('ServiceUnavailable', 'The local cloud is being reset.', 503);
    }
    const fault = this.#options.faults.take(call);
    if (fault?.delayMilliseconds !== undefined) await delay(fault.delayMilliseconds);
    const error = fault === undefined ? undefined : faultError(fault);
    if (error !== undefined) {
      exchange.request.resume();
      throw error;
    }
    await this.#authorize(exchange);
    this.#options.models?.validate(call, exchange.identified.errorFormat);
    for (const { service, operations, check } of this.#options.routes()?.checks ?? [])
      if (service === call.service && operations.includes(call.operation)) check(call);
    const own = await this.#own(exchange);
    if (own === undefined) {
      await this.#passThrough(exchange, fault);
      return;
    }
    this.#record(exchange, own.status);
    if (fault?.lost === true) response.destroy();
    else send(response, own);
  }

  async #authorize(exchange: Exchange): Promise<void> {
    try {
      const decision = await this.#options.routes()?.authorize?.(exchange.call);
      exchange.principal = decision?.principal;
      if (decision?.refusal !== undefined) throw decision.refusal;
    } catch (refusal) {
      exchange.request.resume();
      throw refusal;
    }
  }

  async #own({ call, identified }: Exchange): Promise<Answer | undefined> {
    const service = this.#service(call);
    if (service === undefined) return undefined;
    // Most of our services are about one region; moto knows that there is nothing in the others.
    const isEverywhere = service.ownedEntirely === true || service.everyRegion === true;
    if (!isEverywhere && call.region !== this.#options.region) return undefined;
    const operation = Object.hasOwn(service.operations, call.operation)
      ? service.operations[call.operation]
      : undefined;
    if (operation !== undefined)
      return renderResult(service, call, await operation(call), formatFor(service, identified.errorFormat));
    if (service.ownedEntirely !== true) return undefined;
    if (call.operation === '' && service.protocol !== 'json') {
      throw new ApiError('MissingAction', 'The request must contain the parameter Action.');
    }
    const code = service.protocol === 'json' ? 'UnknownOperationException' : 'InvalidAction';
    throw new ApiError(code, `The local cloud does not have ${call.service}:${call.operation}.`);
  }

  async #passThrough(exchange: Exchange, fault: Fault | undefined): Promise<void> {
    const { request, response, call } = exchange;
    // Both are about the connection that they came on.
    const headers = { ...request.headers };
    delete headers.connection;
    delete headers.expect;
    const forwarded = { method: request.method ?? 'GET', path: request.url ?? '/', headers };
    const answer = await forward(this.#options.upstream, { ...forwarded, body: exchange.body ?? request });
    const status = answer.statusCode ?? 500;
    const filters = (this.#options.routes()?.filters ?? []).filter(
      ({ service, operations }) => service === call.service && operations.includes(call.operation),
    );
    if (status < 400 && filters.length === 0) {
      this.#record(exchange, status);
      if (fault?.lost === true) {
        answer.resume();
        response.destroy();
        return;
      }
      response.writeHead(status, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
      return;
    }
    await this.#inspected(exchange, answer, { filters, lost: fault?.lost === true });
  }

  /** An answer that is read whole: errors for the call log, and what a filter wants to see. */
  async #inspected(
    exchange: Exchange,
    answer: IncomingMessage,
    { filters, lost }: { filters: AnswerFilter[]; lost: boolean },
  ): Promise<void> {
    const { call, response } = exchange;
    const status = answer.statusCode ?? 500;
    let body: Buffer = await readBody(answer);
    if (status >= 500 && (answer.headers['content-type'] ?? '').startsWith('text/html')) {
      const what = `moto, which stands for ${call.service} here, failed on ${call.operation}; its log says why.`;
      throw new ApiError('InternalFailure', what, 500);
    }
    if (status < 400) {
      for (const filter of filters) {
        // What is no text (CBOR) stays what it is when the filter only looks.
        const text = body.toString();
        const changed = await filter.apply(call, text);
        if (changed !== text) body = Buffer.from(changed);
      }
    }
    this.#record(exchange, status, errorCodeOf(status, answer.headers, body.toString('utf8', 0, 4096)));
    if (lost) {
      response.destroy();
      return;
    }
    const { ...headers } = answer.headers;
    delete headers['transfer-encoding'];
    // A HEAD's answer announces the length of a body that it doesn't have.
    const length = body.length > 0 || status < 400 ? { 'content-length': String(body.length) } : {};
    response.writeHead(status, { ...headers, ...length });
    response.end(body);
  }
}

/** Starts the gateway. Rejects with the system's error (EADDRINUSE …) when it can't listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new GatewayServer(options);
  const server = await gateway.listen({ host: '127.0.0.1', port: options.port });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => gateway.close(),
  };
}
