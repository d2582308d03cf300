import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * A PostgreSQL server of the test's own in a temporary folder.
 *
 * @returns {Promise<{ url: string, end(): Promise<void>, restart(): Promise<void>, stop(): Promise<void> } | { missing: string }>}
 *   `end` and `restart` play an outage; `stop` ends it for good and removes the folder
 */
export async function startPostgres() {
  const programs = findPrograms();
  if (!programs) return { missing: 'PostgreSQL is not installed here (initdb and postgres were not found)' };
  const directory = mkdtempSync(join(tmpdir(), 'sample-app-postgres-'));
  const account = unprivilegedAccount();
  if (account) chownSync(directory, account.uid, account.gid);
  const initdb = spawnSync(
    join(programs, 'initdb'),
    ['-D', join(directory, 'data'), '-U', 'notes', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    { ...account, cwd: directory, encoding: 'utf8' },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`);
  const port = await freePort();
  const url = `postgresql://notes@127.0.0.1:${port}/postgres`;
  const launch = async () => {
    const arguments_ = [
      '-D',
      join(directory, 'data'),
      '-k',
      directory,
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-F',
    ];
    const child = spawn(join(programs, 'postgres'), arguments_, {
      ...account,
      cwd: directory,
      stdio: 'ignore',
    });
    await untilAnswers(url);
    return child;
  };
  let server = await launch();
  const end = () => endServer(server);
  return {
    url,
    end,
    async restart() {
      server = await launch();
    },
    async stop() {
      await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function findPrograms() {
  const versions = '/usr/lib/postgresql';
  const candidates = existsSync(versions)
    ? readdirSync(versions).map((name) => join(versions, name, 'bin'))
    : [];
  candidates.push(...(process.env.PATH ?? '').split(':'), '/opt/homebrew/opt/postgresql/bin');
  const found = candidates.find(
    (directory) => existsSync(join(directory, 'initdb')) && existsSync(join(directory, 'postgres')),
  );
  // They run as somebody else, who may not look into every folder of links.
  return found && dirname(realpathSync(join(found, 'initdb')));
}

/** PostgreSQL refuses to run as root: then it runs as the owner of nothing. */
function unprivilegedAccount() {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswers(url) {
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (attempt === 1200) throw error;
      await sleep(100);
    }
  }
}

/** SIGINT is PostgreSQL's fast shutdown: clients are disconnected, nothing is lost. */
async function endServer(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  await exited;
}
