import { createServer } from 'node:http';
import { createApp } from './app.js';
import { ConfigError, readConfig } from './config.js';
import { createDatabase } from './database.js';
import { createLifecycle } from './lifecycle.js';
import { createLog } from './log.js';

/** Listens first and migrates after, so that /healthz can say "starting" instead of not answering. */
async function start() {
  const config = readConfig(process.env);
  const log = createLog(config);
  const database = createDatabase(config, log);
  const lifecycle = createLifecycle({ config, log });
  const server = createServer(
    { keepAliveTimeout: config.keepAliveMilliseconds, headersTimeout: 20_000, requestTimeout: 30_000 },
    createApp({ config, log, database, lifecycle }),
  );
  Object.assign(lifecycle, { server, database });
  const stop = (signal) => {
    log.info({ signal }, 'signal received');
    lifecycle.stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  server.on('error', (error) => {
    log.error({ reason: error.message }, 'the server can not listen');
    process.exit(1);
  });
  server.listen(config.port, () => {
    log.info(
      { port: server.address().port, database: config.databaseUrl ? 'configured' : 'none' },
      'listening',
    );
  });
  await database.start();
}

try {
  await start();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(JSON.stringify({ level: 'error', msg: error.message }));
  process.exit(1);
}
