/**
 * Whether this process can do its work, which nothing but the process itself decides: no database is asked. It is what
 * replaces an instance, and another instance would have the same database.
 *
 * - starting: the database was not reached and migrated yet, which happens once
 * - ok: it serves; what needs the database fails by itself while that is away
 * - stopping: it was told to stop; it still serves, but wants no new work
 *
 * @returns {{ status: 'starting' | 'ok' | 'stopping', database: string, reason?: string }}
 */
export function liveness({ lifecycle, database }) {
  const kind = database.configured ? 'configured' : 'none';
  if (lifecycle.stopping) return { status: 'stopping', database: kind };
  if (!database.migrated) {
    return {
      status: 'starting',
      database: 'not migrated',
      reason: 'the database is not reachable or not migrated',
    };
  }
  return { status: 'ok', database: kind };
}

/**
 * Whether all that a request needs answers now: the process, and the database when one is configured.
 *
 * - failing: the process serves and the database does not answer
 *
 * @returns {Promise<{ status: 'starting' | 'ok' | 'failing' | 'stopping', database: string, reason?: string }>}
 */
export async function readiness(dependencies) {
  const alive = liveness(dependencies);
  if (alive.status !== 'ok' || !dependencies.database.configured) return alive;
  try {
    await dependencies.database.check();
    return { ...alive, database: 'reachable' };
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

/** GET /healthz by `liveness`, GET /readyz by `readiness`: 200 only for "ok", and never cached. */
export function healthRoute(judge, dependencies) {
  return async (request, response) => {
    const { cause, ...answer } = await judge(dependencies);
    if (cause) request.log.error({ reason: cause.message || cause.code }, 'the database does not answer');
    response.status(answer.status === 'ok' ? 200 : 503).set('Cache-Control', 'no-store');
    response.json({
      ...answer,
      version: dependencies.config.version,
      instance: dependencies.config.instance,
    });
  };
}
