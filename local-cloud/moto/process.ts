/** moto as a child process on a free loopback port. */
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createUpstream, type Upstream } from '../gateway/index.ts';

const LAUNCHER = fileURLToPath(new URL('fixes.py', import.meta.url));
const START_SECONDS = 120;

/** moto's process. */
export interface Moto {
  endpoint: string;
  upstream: Upstream;
  pid: number;
  /** AWS's models of its services, as botocore has them. */
  models: string;
  /** Forgets everything that moto holds. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** How moto is started. */
export interface MotoOptions {
  /** The interpreter that has moto (the virtual environment's). */
  python: string;
  /** Where its requests and tracebacks are written. */
  logFile: string;
  /** With the quotas of an account that is new. */
  newAccount?: boolean;
  /** Whose resources it keeps. */
  accountId: string;
  /** Called when it ends without having been asked to. */
  onExit?: (code: number | null) => void;
}

/** Resolves with what the launcher says: where it listens, and where botocore's models are. */
function listening(
  output: Readable,
  exited: Promise<number | null>,
): Promise<{ port: number; models: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it was not listening after ${START_SECONDS} s`)),
      START_SECONDS * 1000,
    );
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`it ended with code ${code}`));
    });
    let models = '';
    createInterface({ input: output }).on('line', (line) => {
      models = /^models (.+)$/.exec(line)?.[1] ?? models;
      const port = /^listening (\d+)$/.exec(line)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve({ port: Number(port), models });
    });
  });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
}

/**
 * Starts moto and resolves when it listens. Rejects when it ends first or is not there within two minutes; the
 * message names the log.
 */
export async function startMoto({
  python,
  logFile,
  newAccount,
  accountId,
  onExit,
}: MotoOptions): Promise<Moto> {
  const log = openSync(logFile, 'a');
  const child = spawn(python, [LAUNCHER, ...(newAccount === true ? ['--new-account'] : [])], {
    stdio: ['pipe', 'pipe', log],
    env: { ...process.env, MOTO_ACCOUNT_ID: accountId },
  }) as ChildProcessByStdio<Writable, Readable, null>;
  closeSync(log);
  // The launcher ends with its standard input; a write error then is not ours to report.
  child.stdin.on('error', () => undefined);
  const exited = exitOf(child);
  const { port, models } = await listening(child.stdout, exited).catch((error: unknown) => {
    child.kill('SIGKILL');
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`moto did not start: ${why}; ${logFile} says more`);
  });
  let stopping = false;
  void exited.then((code) => {
    if (!stopping) onExit?.(code);
  });
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    upstream: createUpstream(port),
    pid: child.pid ?? 0,
    models,
    async reset() {
      const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`moto refused to reset: HTTP ${answer.status}`);
    },
    async stop() {
      stopping = true;
      child.stdin.end();
      await exited;
    },
  };
}
