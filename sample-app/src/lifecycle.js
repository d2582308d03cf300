import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stops in the order that loses nothing: say so in /healthz, keep serving until the load balancer has seen it, stop
 * accepting, finish what is in flight, close the pool.
 *
 * @returns {{ stopping: boolean, stop(): Promise<boolean> }} stop() can be called again and resolves when all is
 *   closed: true when everything in flight was finished, false when it was cut off after `drainMilliseconds`
 */
export function createLifecycle({ config, log }) {
  let stopped;
  const lifecycle = {
    stopping: false,
    /** Set by the server when it is there. */
    server: undefined,
    database: undefined,
    stop() {
      lifecycle.stopping = true;
      stopped ??= run();
      return stopped;
    },
  };

  async function run() {
    log.info({ lameDuckMilliseconds: config.lameDuckMilliseconds }, 'stopping');
    await sleep(config.lameDuckMilliseconds);
    const finished = await closeServer(lifecycle.server, config.drainMilliseconds);
    if (!finished) log.warn('requests were still in flight and were cut off');
    await lifecycle.database?.close();
    log.info('stopped');
    return finished;
  }
  return lifecycle;
}

/**
 * server.close() ends the connections that are idle now. One whose answer began before the stop was announced is
 * kept alive by its client and becomes idle later: it is ended then, not after its keep-alive timeout.
 */
async function closeServer(server, drainMilliseconds) {
  if (!server) return true;
  const deadline = new AbortController();
  const closed = new Promise((resolve) => server.close(() => resolve(true)));
  const late = sleep(drainMilliseconds, false, { signal: deadline.signal }).catch(() => false);
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const finished = await Promise.race([closed, late]);
  clearInterval(sweep);
  deadline.abort();
  if (!finished) server.closeAllConnections();
  return finished;
}
