/** The load generator's process: started by load.ts, told to stop over IPC, answers with one report. */
import autocannon from 'autocannon';
import type { Client, Request } from 'autocannon';

export interface LoadOptions {
  url: string;
  connections: number;
  /** Requests a second, over all connections. */
  rate: number;
  /** What is read in turn; the sample application's pages and a write when left out. */
  paths?: string[];
}

export interface LoadReport {
  /** Requests that left, each of which either has an answer or is counted as lost. */
  sent: number;
  /** Without an answer with a 2xx or 3xx status. */
  failed: number;
  /** Never answered at all: refused, reset, closed or timed out. Part of `failed`. */
  lost: number;
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Answers by X-App-Version; '' where the header is missing. */
  versions: Record<string, number>;
  /** When a version answered last, in milliseconds since 1970. */
  lastAnswers: Record<string, number>;
  /** The first of those that failed, a sentence each: when, what was asked, what came. */
  failures: string[];
  latencyMilliseconds: { p50: number; p99: number; max: number };
  seconds: number;
}

const FAILURES_TOLD = 5;

/** A page, a list and a write in turn. */
const requests: Request[] = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/api/notes?limit=10' },
  {
    method: 'POST',
    path: '/api/notes',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: 'from the load generator' }),
  },
];

/**
 * Counts per connection what was sent and what was answered. autocannon's own figures do not do: a connection that
 * the server closes before it answers is opened again and counted nowhere, and with a rate its number of requests
 * sent is an estimate.
 */
class Tally {
  readonly clients: Client[] = [];
  readonly statuses = new Map<string, number>();
  readonly versions = new Map<string, number>();
  readonly lastAnswers = new Map<string, number>();
  readonly failures: string[] = [];
  sent = 0;
  answered = 0;

  watch(client: Client): void {
    this.clients.push(client);
    let waitsSince: number | undefined;
    client.on('request', () => {
      this.sent += 1;
      const now = Date.now();
      if (waitsSince !== undefined)
        this.tell(client.requestIterator.currentRequest, `no answer, ${now - waitsSince} ms later`);
      waitsSince = now;
    });
    client.on('headers', ({ headers }: { headers: string[] }) => {
      const index = headers.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'x-app-version');
      const version = index === -1 ? '' : (headers[index + 1] ?? '');
      add(this.versions, version);
      this.lastAnswers.set(version, Date.now());
    });
    client.on('response', (status: number) => {
      this.answered += 1;
      waitsSince = undefined;
      add(this.statuses, String(status));
    });
  }

  /** The request, so that an answer to it which is a failure is told. */
  told(request: Request): Request {
    const onResponse = (status: number, body: string): void => {
      if (!succeeded(status)) this.tell(request, `${status} ${body.replace(/\s+/g, ' ').slice(0, 300)}`);
    };
    return { ...request, onResponse };
  }

  private tell({ method, path }: Request, came: string): void {
    if (this.failures.length === FAILURES_TOLD) return;
    this.failures.push(`${new Date().toISOString()} ${method} ${path}: ${came}`);
  }

  /** Lets each connection end after the answer to its last request. */
  finish(): void {
    for (const client of this.clients) client.responseMax = Math.max(1, client.reqsMade);
  }

  report(): Omit<LoadReport, 'latencyMilliseconds' | 'seconds'> {
    const lost = this.sent - this.answered;
    const refused = [...this.statuses].filter(([status]) => !succeeded(Number(status)));
    return {
      sent: this.sent,
      failed: lost + refused.reduce((sum, [, count]) => sum + count, 0),
      lost,
      statuses: Object.fromEntries(this.statuses),
      versions: Object.fromEntries(this.versions),
      lastAnswers: Object.fromEntries(this.lastAnswers),
      failures: this.failures,
    };
  }
}

const succeeded = (status: number): boolean => status >= 200 && status < 400;

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function main(options: LoadOptions): Promise<void> {
  const tally = new Tally();
  const run = autocannon({
    url: options.url,
    connections: options.connections,
    overallRate: options.rate,
    duration: 24 * 3600,
    // Seconds; what a busy machine answers late is late, and not lost.
    timeout: 60,
    requests: (options.paths?.map((path): Request => ({ method: 'GET', path })) ?? requests).map((request) =>
      tally.told(request),
    ),
    setupClient: (client) => tally.watch(client),
  });
  process.on('message', () => tally.finish());
  const progress = setInterval(() => process.send?.({ kind: 'progress', sent: tally.sent }), 500);
  const { latency, duration } = await run;
  clearInterval(progress);
  const { p50, p99, max } = latency;
  const report: LoadReport = { ...tally.report(), latencyMilliseconds: { p50, p99, max }, seconds: duration };
  process.send?.({ kind: 'report', report }, () => process.exit(0));
}

// Ctrl-C in the terminal reaches every process of its group; only the parent decides when this one ends.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(1));
await main(JSON.parse(process.argv[2] ?? '') as LoadOptions);
