/**
 * What this instance can truthfully say about itself.
 *
 * - starting: the database is not migrated yet
 * - ok: requests can be served, which needs the database when one is configured
 * - failing: it served before and the database does not answer now
 * - stopping: it was told to stop; it still serves, but wants no new work
 *
 * @returns {Promise<{ status: 'starting' | 'ok' | 'failing' | 'stopping', database: string, reason?: string }>}
 */
export async function health({ lifecycle, database }) {
  const kind = database.configured ? 'configured' : 'none';
  if (lifecycle.stopping) return { status: 'stopping', database: kind };
  if (!database.migrated) {
    return {
      status: 'starting',
      database: 'not migrated',
      reason: 'the database is not reachable or not migrated',
    };
  }
  try {
    await database.check();
    return { status: 'ok', database: database.configured ? 'reachable' : 'none' };
  } catch (error) {
    // What the database says may name hosts and users: the log has it, the answer does not.
    return {
      status: 'failing',
      database: 'unreachable',
      reason: 'the database does not answer',
      cause: error,
    };
  }
}

/** GET /healthz: 200 only for "ok", and never cached. */
export function healthRoute(dependencies) {
  return async (request, response) => {
    const { cause, ...answer } = await health(dependencies);
    if (cause) request.log.error({ reason: cause.message || cause.code }, 'the database does not answer');
    response.status(answer.status === 'ok' ? 200 : 503).set('Cache-Control', 'no-store');
    response.json({
      ...answer,
      version: dependencies.config.version,
      instance: dependencies.config.instance,
    });
  };
}
