import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../src/server.js', import.meta.url));

/**
 * The real process on a free port, with its log lines.
 *
 * @param {Record<string, string>} environment what it gets besides PATH and a free port
 */
export async function startServer(environment = {}) {
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env.PATH, PORT: '0', INSTANCE_ID: 'i-test', LAME_DUCK_SECONDS: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = [];
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  const exit = new Promise((resolve) => child.once('close', (code) => resolve({ code, errors })));
  const listening = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text);
      log.push(line);
      if (line.msg === 'listening') resolve(line.port);
    });
  });
  const port = await Promise.race([listening, exit.then(() => undefined)]);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    log,
    exit,
    /** The first line that `accept` says yes to: it may come after the answer that it is about, for two minutes. */
    async logged(accept) {
      for (let attempt = 0; attempt < 6000; attempt += 1) {
        const line = log.find(accept);
        if (line !== undefined) return line;
        await sleep(20);
      }
      throw new Error(`it never logged what was expected: ${JSON.stringify(log)}`);
    },
    kill: (signal) => child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      return exit;
    },
  };
}

/** Asks until `accept` says yes to a response's status, for at most two minutes. */
export async function until(url, accept) {
  for (let attempt = 0; attempt < 2400; attempt += 1) {
    const response = await fetch(url);
    const body = await response.json();
    if (accept(response.status, body)) return { status: response.status, body };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} never answered as expected`);
}
