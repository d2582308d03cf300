/** The local cloud's own API, under `/_local/`: what it is doing, and how a test disturbs it. */
import type { CallLog } from './calls.ts';
import { type Faults, parseFault } from './faults.ts';
import type { ControlRequest } from './server.ts';
import type { Answer } from './wire.ts';

/** What the fleet lets a test do. */
export interface FleetControl {
  /** Faults of instances and capacity; throws an Error that says what is wrong with the request. */
  inject?: (fault: unknown) => unknown;
  /** Forgets them. */
  clearFaults?: () => void;
  /** Moves a simulated clock forward and gives its time; undefined where time is real. */
  advance?: (seconds: number) => Promise<unknown>;
}

/** What load balancers let a test do. */
export interface LoadBalancerControl {
  /** Throws an Error that says what is wrong with the request. */
  inject(fault: unknown): unknown;
  clear(): void;
}

/** Users' requests that are made up, where instances are simulated. */
export interface TrafficControl {
  /** Throws an Error that says what is wrong with the request. */
  start(traffic: unknown): unknown;
  stop(): unknown;
  /** What users saw. */
  report(): unknown;
}

/** How much of each quota the account has. */
export interface QuotaControl {
  list(): unknown[];
  /** Throws an Error that says what is wrong with the code or the value. */
  set(code: string, value: number): void;
}

/** What a test can disturb. */
export interface Disturbable {
  fleet?: FleetControl;
  loadBalancers?: LoadBalancerControl;
  traffic?: TrafficControl;
  quotas?: QuotaControl;
}

export interface ControlOptions {
  calls: CallLog;
  faults: Faults;
  status: () => unknown;
  reset: () => Promise<void>;
  cloud: () => Disturbable | undefined;
  issuers: IssuerControl;
  permissions: () => unknown[];
  peers: PeerControl;
  console?: ConsoleControl;
}

/** Other local clouds, which stand for other accounts and regions. */
export interface PeerControl {
  list(): Promise<unknown[]>;
  /** Throws an Error that says what is wrong with the address. */
  add(address: string): Promise<void>;
  /** What a peer's registry asks about a password that was given out here. */
  answer(question: unknown): Promise<unknown>;
}

/** What a browser is sent. */
export interface PageFile {
  type: 'text/html' | 'text/css' | 'text/javascript' | 'text/plain';
  text: string;
}

/** The page that shows the cloud in a browser, and what it asks. */
export interface ConsoleControl {
  /** The page, at `/`, and the files beside it, by their path. */
  files: Record<string, () => PageFile>;
  state: () => Promise<unknown>;
  /** Throws as GetConsoleOutput does. */
  bootLog: (instance: string) => Promise<string>;
}

/** Where a test says who answers for an issuer of identity tokens, which this machine can't reach. */
export interface IssuerControl {
  set(issuer: string, address: string): void;
}

type Route = (request: ControlRequest) => Answer | Promise<Answer>;

function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error('the body is not JSON');
  }
}

function addFault({ faults, cloud }: ControlOptions, body: string): Answer {
  const value = parse(body);
  if (typeof value === 'object' && value !== null && 'fleet' in value) {
    const inject = cloud()?.fleet?.inject;
    if (inject === undefined) throw new Error('the fleet takes no faults');
    return json(200, { fleet: inject(value.fleet) ?? null });
  }
  if (typeof value === 'object' && value !== null && 'loadBalancer' in value) {
    return json(200, { loadBalancer: cloud()?.loadBalancers?.inject(value.loadBalancer) ?? null });
  }
  faults.add(parseFault(value));
  return json(200, faults.list());
}

function clearFaults({ faults, cloud }: ControlOptions): Answer {
  faults.clear();
  cloud()?.fleet?.clearFaults?.();
  cloud()?.loadBalancers?.clear();
  return json(200, []);
}

function trafficOf({ cloud }: ControlOptions): TrafficControl {
  const traffic = cloud()?.traffic;
  if (traffic === undefined) throw new Error('only a cloud with simulated instances makes traffic up');
  return traffic;
}

const file = ({ type, text }: PageFile): Answer => ({
  status: 200,
  headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' },
  body: text,
});

function consoleRoutes({ console }: ControlOptions): Record<string, Route> {
  if (console === undefined) return {};
  const files = Object.entries(console.files).map(([path, read]): [string, Route] => [
    `GET ${path}`,
    () => file(read()),
  ]);
  return {
    ...Object.fromEntries(files),
    'GET /state': async () => json(200, await console.state()),
    'GET /boot-log': async ({ query }) =>
      file({ type: 'text/plain', text: await console.bootLog(query.get('instance') ?? '') }),
  };
}

/** Longer than the longest refresh, 14 days; every second of it is worked through. */
const LONGEST_ADVANCE = 15 * 24 * 3600;

async function advance({ cloud }: ControlOptions, body: string): Promise<Answer> {
  const value = parse(body) as { advance?: unknown } | null;
  const seconds = value?.advance;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= LONGEST_ADVANCE)) {
    throw new Error(`say {"advance": <seconds>}, at most ${LONGEST_ADVANCE} (15 days) at a time`);
  }
  const move = cloud()?.fleet?.advance;
  if (move === undefined) throw new Error('only a cloud with simulated instances has a clock of its own');
  return json(200, { now: await move(seconds) });
}

function setIssuer({ issuers }: ControlOptions, body: string): Answer {
  const { issuer, address } = (parse(body) ?? {}) as { issuer?: unknown; address?: unknown };
  if (typeof issuer !== 'string' || typeof address !== 'string')
    throw new Error('say {"issuer": "https://…", "address": "http://127.0.0.1:…"}');
  issuers.set(issuer, address);
  return json(200, { issuer, address });
}

async function addPeer({ peers }: ControlOptions, body: string): Promise<Answer> {
  const { address } = (parse(body) ?? {}) as { address?: unknown };
  if (typeof address !== 'string' || !URL.canParse(address))
    throw new Error('say {"address": "http://127.0.0.1:…"}');
  await peers.add(address);
  return json(200, await peers.list());
}

function setQuota({ cloud }: ControlOptions, body: string): Answer {
  const { code, value } = (parse(body) ?? {}) as { code?: unknown; value?: unknown };
  if (typeof code !== 'string' || typeof value !== 'number')
    throw new Error('say {"code": "L-1216C47A", "value": <vCPUs>}');
  cloud()?.quotas?.set(code, value);
  return json(200, cloud()?.quotas?.list() ?? []);
}

/**
 * Answers `GET /`, the console page with its files, `GET /state` and `GET /boot-log` that it asks, `GET /status`, `GET` and
 * `DELETE /calls`, `GET /permissions`, `GET`, `POST` and `DELETE /faults`, the same of `/traffic`, `POST /issuers`, `GET` and
 * `POST` of `/peers` and `/quotas`, `POST /logins`, `POST /clock` and `POST /reset`. A request that can't be understood is a 400 with
 * `{"error": …}`.
 */
export function createControl(options: ControlOptions): (request: ControlRequest) => Promise<Answer> {
  const { calls, faults } = options;
  const routes: Record<string, Route> = {
    ...consoleRoutes(options),
    'GET /status': () => json(200, options.status()),
    'GET /calls': () => json(200, calls.list()),
    'GET /permissions': () => json(200, options.permissions()),
    'DELETE /calls': () => {
      calls.clear();
      return json(200, []);
    },
    'GET /faults': () => json(200, faults.list()),
    'POST /faults': ({ body }) => addFault(options, body),
    'DELETE /faults': () => clearFaults(options),
    'GET /traffic': () => json(200, trafficOf(options).report()),
    'POST /traffic': ({ body }) => json(200, trafficOf(options).start(parse(body))),
    'DELETE /traffic': () => json(200, trafficOf(options).stop()),
    'POST /issuers': ({ body }) => setIssuer(options, body),
    'GET /quotas': () => json(200, options.cloud()?.quotas?.list() ?? []),
    'POST /quotas': ({ body }) => setQuota(options, body),
    'GET /peers': async () => json(200, await options.peers.list()),
    'POST /peers': ({ body }) => addPeer(options, body),
    'POST /logins': async ({ body }) => json(200, await options.peers.answer(parse(body))),
    'POST /clock': ({ body }) => advance(options, body),
    'POST /reset': async () => {
      await options.reset();
      return json(200, options.status());
    },
  };
  return async (request) => {
    const route = routes[`${request.method} ${request.path}`];
    if (route === undefined)
      return json(404, { error: `there is no ${request.method} /_local${request.path}` });
    try {
      return await route(request);
    } catch (error) {
      return json(400, { error: error instanceof Error ? error.message : String(error) });
    }
  };
}
