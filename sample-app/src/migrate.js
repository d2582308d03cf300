import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';

/** Any number will do, as long as nothing else in the database locks it. */
const lockKey = 7_265_041;
const bundled = new URL('./migrations/', import.meta.url);

/**
 * Applies the SQL files that this database has not seen, in the order of their names, each in its own transaction.
 * Instances that start together queue on an advisory lock: one applies, the others find nothing left to do. The
 * lock belongs to the session, so an instance that dies in the middle frees it.
 *
 * The old and the new version run side by side during a rollout, and the old one alone after a rollback: a
 * migration may add, but must not take away what the version before it uses.
 *
 * @returns {Promise<string[]>} the names of the files applied by this call
 */
export async function migrate(databaseUrl, directory = bundled) {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  // A connection that breaks also fails the query under way; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query('SELECT name FROM schema_migrations');
    const seen = new Set(rows.map((row) => row.name));
    const names = (await readdir(directory))
      .filter((name) => name.endsWith('.sql') && !seen.has(name))
      .sort();
    for (const name of names) await apply(client, name, await readFile(new URL(name, directory), 'utf8'));
    return names;
  } finally {
    await client.end();
  }
}

async function apply(client, name, sql) {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new Error(`migration ${name} failed: ${error.message}`, { cause: error });
  }
}
