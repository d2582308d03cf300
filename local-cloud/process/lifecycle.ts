/** Starting and ending the local cloud's process, and finding out whether it runs. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DaemonOptions } from './daemon.ts';
import { type CloudStatus, registryPort } from '../cloud/index.ts';
import {
  endProcess,
  homeFolder,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  removeLeftovers,
  replaceFile,
  runFolder,
  SetupError,
} from '../host/index.ts';

const DAEMON = fileURLToPath(new URL('daemon.ts', import.meta.url));
const START_SECONDS = 180;
const END_SECONDS = 90;

const pidFile = (port: number): string => join(runFolder(port), 'pid.json');

function readIdentity(port: number): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(pidFile(port), 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Our process on this port, when it is there. */
export async function runningProcess(port: number): Promise<ProcessIdentity | undefined> {
  const identity = readIdentity(port);
  return identity !== undefined && (await isRunning(identity)) ? identity : undefined;
}

/** The ports of this checkout's clouds whose process runs, in ascending order. */
export async function runningPorts(): Promise<number[]> {
  const ports = readdirSync(homeFolder()).flatMap((name) => {
    const port = /^run-(\d+)$/.exec(name)?.[1];
    return port === undefined ? [] : [Number(port)];
  });
  const running = await Promise.all(
    ports.map(async (port) => ((await runningProcess(port)) === undefined ? [] : [port])),
  );
  return running.flat().sort((a, b) => a - b);
}

/** What the cloud on this port says of itself; undefined when nothing of ours answers there. */
export async function fetchStatus(port: number): Promise<CloudStatus | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/_local/status`, {
      signal: AbortSignal.timeout(3000),
    });
    if (!answer.ok) return undefined;
    return (await answer.json()) as CloudStatus;
  } catch {
    return undefined;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}

/** Throws SetupError when another program has one of the ports. */
export async function requireFreePorts(port: number): Promise<void> {
  for (const wanted of [port, registryPort(port)]) {
    if (await isFree(wanted)) continue;
    throw new SetupError(`Port ${wanted} on 127.0.0.1 is in use by another program; nothing was started.`, {
      why: `the local cloud needs ${port} for its API and ${registryPort(port)} for its image registry`,
      next: `end that program (ss -ltnp 'sport = :${wanted}' names it), or choose another port: local-cloud up --port ${port + 1}`,
    });
  }
}

function lastLog(file: string): string {
  return existsSync(file)
    ? readFileSync(file, 'utf8').trim().split('\n').slice(-12).join('\n')
    : 'it said nothing';
}

/**
 * Starts the process, detached, and waits until it answers.
 * @param options everything but the folder, which follows from the port
 * @throws SetupError when a port is taken or the process ends before it answers
 */
export async function startDaemon(options: Omit<DaemonOptions, 'folder'>): Promise<CloudStatus> {
  const { port } = options;
  await requireFreePorts(port);
  const folder = runFolder(port);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logFile = join(folder, 'daemon.log');
  const log = openSync(logFile, 'a');
  const parameters = [DAEMON, JSON.stringify({ ...options, folder })];
  const child = spawn(process.execPath, parameters, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const identity = await identifyProcess(child.pid ?? -1);
  if (identity !== undefined) replaceFile(pidFile(port), `${JSON.stringify(identity)}\n`);
  child.unref();
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    const status = await fetchStatus(port);
    if (status?.ready === true) return status;
    const ended = identity === undefined || !(await isRunning(identity));
    if (ended || Date.now() > deadline) {
      if (identity !== undefined) await endProcess(identity, 10);
      await removeLeftovers(port);
      const what = ended
        ? 'The local cloud ended while it was starting'
        : `The local cloud was not ready after ${START_SECONDS} s`;
      throw new SetupError(`${what}; what it had started was removed.`, {
        why: lastLog(logFile),
        next: `read ${logFile} and moto.log beside it`,
      });
    }
    await delay(100);
  }
}

export interface TakenDown {
  process: boolean;
  containers: number;
  networks: number;
}

/** Ends the process of this port, if there is one, and removes whatever is left of it or of an earlier one. */
export async function takeDown(port: number): Promise<TakenDown> {
  const identity = readIdentity(port);
  const ended = identity !== undefined && (await endProcess(identity, END_SECONDS));
  // A cloud of another checkout has this port: its containers carry the same label and are not ours to remove.
  if ((await fetchStatus(port)) !== undefined) return { process: ended, containers: 0, networks: 0 };
  const left = await removeLeftovers(port);
  rmSync(runFolder(port), { recursive: true, force: true });
  return { process: ended, ...left };
}
