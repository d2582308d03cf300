import { randomUUID } from 'node:crypto';
import { pino } from 'pino';

/** One JSON object a line on standard output, each with the version and instance that wrote it. */
export function createLog({ logLevel, version, instance }) {
  return pino({
    level: logLevel,
    base: { version, instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** Letters that can't break a log line or a header; covers UUIDs and the load balancer's trace id. */
const wellFormedId = /^[\w.:;=-]{1,128}$/;

/**
 * Gives each request an id (the caller's or the load balancer's when it has one), returns it as X-Request-Id and
 * writes one line when the answer is done. Query strings, bodies and headers are not logged: they may hold secrets.
 */
export function requestLog(log) {
  return (request, response, next) => {
    const given = request.get('x-request-id') ?? request.get('x-amzn-trace-id') ?? '';
    const requestId = wellFormedId.test(given) ? given : randomUUID();
    const start = process.hrtime.bigint();
    const path = request.path;
    request.log = log.child({ requestId });
    response.set('X-Request-Id', requestId);
    response.on('close', () => {
      const milliseconds = Number((process.hrtime.bigint() - start) / 1_000_000n);
      const line = { method: request.method, path, status: response.statusCode, milliseconds };
      if (!response.writableFinished) request.log.warn(line, 'the client went away before the answer');
      else if (path === '/healthz' || path === '/readyz') request.log.debug(line, 'request');
      else request.log.info(line, 'request');
    });
    next();
  };
}
