import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startPostgres } from './support/postgres.js';
import { startServer, until } from './support/server.js';

const postgres = await startPostgres();
const poolSize = 6;

/** What a changed password does to an instance that does not know it: nothing to open connections, all to new ones. */
async function refuseNewConnections() {
  const client = new pg.Client({ connectionString: postgres.url.replace(/postgres$/, 'template1') });
  await client.connect();
  await client.query('ALTER DATABASE postgres ALLOW_CONNECTIONS false');
  await client.end();
}

describe('a database that takes no new connections', { skip: postgres.missing }, () => {
  let server;
  before(async () => {
    server = await startServer({ DATABASE_URL: postgres.url, DATABASE_POOL_SIZE: String(poolSize) });
    await until(`${server.url}/healthz`, (status) => status === 200);
    await refuseNewConnections();
  });
  after(async () => {
    await server.stop();
    await postgres.stop();
  });

  const burst = () =>
    Promise.all(
      Array.from({ length: 4 * poolSize }, async () => (await fetch(`${server.url}/api/notes`)).status),
    );

  it('serves a first burst with the connections that were opened at the start', async () => {
    assert.deepEqual([...new Set(await burst())], [200]);
  });

  it('serves after idling for longer than pg would keep a connection by default (10 s)', async () => {
    await sleep(11_000);
    assert.deepEqual([...new Set(await burst())], [200]);
    await assert.rejects(
      new pg.Client({ connectionString: postgres.url }).connect(),
      /not currently accepting connections/,
    );
  });
});
