import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from './migrate.js';

/** Every wait for the database has an end, so that a slow database shows as an error and not as a hang. */
const timeouts = { connectionTimeoutMillis: 3000, statement_timeout: 5000, query_timeout: 6000 };

/**
 * Connections are opened at the start and stay open: an open one outlives a change of the password, while a new one
 * with the old password would be refused until this instance is replaced.
 */
const kept = { idleTimeoutMillis: 0, keepAlive: true };

/**
 * The connection pool and its readiness. Without a DATABASE_URL there is no database: `configured` is false and
 * every query is refused by the routes.
 *
 * @param {{ databaseUrl?: string, poolSize: number }} config
 * @param {import('pino').Logger} log
 */
export function createDatabase({ databaseUrl, poolSize }, log) {
  if (!databaseUrl) return noDatabase;
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize, ...kept, ...timeouts });
  // An idle connection that breaks is replaced by the pool; the error only needs to be seen.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'an idle database connection broke'));
  const state = { migrated: false, closed: false };
  return {
    configured: true,
    get migrated() {
      return state.migrated;
    },
    query: (text, values) => pool.query(text, values),
    check: shareAnswer(async () => {
      await pool.query('SELECT 1');
    }),
    /** Migrates, and keeps trying while the database can't be reached: it may start after us. */
    async start({ retryMilliseconds = 2000 } = {}) {
      while (!state.closed && !state.migrated) {
        try {
          const applied = await migrate(databaseUrl);
          await openAll(pool, poolSize, log);
          state.migrated = true;
          log.info({ applied }, 'the database is migrated');
        } catch (error) {
          log.error({ reason: error.message || error.code }, 'the database is not ready; trying again');
          await sleep(retryMilliseconds);
        }
      }
    },
    async close() {
      state.closed = true;
      await pool.end();
    },
  };
}

const noDatabase = {
  configured: false,
  migrated: true,
  query: () => Promise.reject(new Error('no database is configured')),
  check: () => Promise.resolve(),
  start: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Opens every connection of the pool. A database that has no room for all of them still serves with fewer. */
async function openAll(pool, poolSize, log) {
  const opening = await Promise.allSettled(Array.from({ length: poolSize }, () => pool.connect()));
  for (const { value } of opening) value?.release();
  const refused = opening.filter(({ status }) => status === 'rejected');
  if (refused.length === 0) return;
  log.warn(
    { refused: refused.length, reason: refused[0].reason.message },
    'not every database connection could be opened',
  );
}

/** Health checks of several load balancer nodes arrive together: they share one question and its answer for a second. */
function shareAnswer(ask, milliseconds = 1000) {
  let answer;
  let askedAt = -Infinity;
  return () => {
    if (performance.now() - askedAt > milliseconds) {
      askedAt = performance.now();
      answer = ask();
    }
    return answer;
  };
}
