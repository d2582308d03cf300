/** moto as a child process on a free loopback port. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createUpstream, type Upstream } from '../gateway/forward.ts';

const LAUNCHER = fileURLToPath(new URL('fixes.py', import.meta.url));
const START_SECONDS = 60;

export interface Moto {
  endpoint: string;
  upstream: Upstream;
  pid: number;
  /** Forgets everything that moto holds. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface MotoOptions {
  /** The interpreter that has moto (the virtual environment's). */
  python: string;
  /** Where its requests and tracebacks are written. */
  logFile: string;
  /** Called when it ends without having been asked to. */
  onExit?: (code: number | null) => void;
}

/**
 * Starts moto and resolves when it listens. Rejects when it ends first or is not there within a minute; the
 * message names the log.
 */
export async function startMoto({ python, logFile, onExit }: MotoOptions): Promise<Moto> {
  const log = openSync(logFile, 'a');
  const child = spawn(python, [LAUNCHER], { stdio: ['pipe', 'pipe', log] });
  closeSync(log);
  // The launcher ends with its standard input; a write error then is not ours to report.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`moto did not start: ${why}; see ${logFile}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`it was not listening after ${START_SECONDS} s`);
    }, START_SECONDS * 1000);
    child.once('error', (error) => fail(error.message));
    void exited.then((code) => fail(`it ended with code ${code}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const listening = /^listening (\d+)$/.exec(line)?.[1];
      if (listening === undefined) return;
      clearTimeout(timer);
      resolve(Number(listening));
    });
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
