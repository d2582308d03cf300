import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { descendants } from '../process-tree.ts';

/**
 * How long the runner waits after SIGINT, and then after SIGTERM, before it kills the process tree. A signal that has no
 * time is not sent: a job may be ended by others than the runner, with none at all.
 */
export interface CancelTimes {
  interruptMilliseconds?: number;
  terminateMilliseconds?: number;
  /** Nobody but the entry's own process is killed: what it has started goes on. */
  processAlone?: boolean;
}

export const runnerCancelTimes: Required<Omit<CancelTimes, 'processAlone'>> = {
  interruptMilliseconds: 7500,
  terminateMilliseconds: 2500,
};

export interface EntryProcess {
  /** Resolves when the process has ended and everything it wrote was read. */
  ended: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it as a cancelled job does; the signals that were needed come back. */
  cancel(times?: CancelTimes): Promise<NodeJS.Signals[]>;
}

/** Starts one entry of an action with Node and hands over its lines. */
export function startEntry(
  file: string,
  options: { cwd: string; environment: Record<string, string>; onLine: (line: string) => void },
): EntryProcess {
  const child = spawn(process.execPath, [file], {
    cwd: options.cwd,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal reaches the entry once, through cancel(), as on GitHub.
    detached: true,
  });
  createInterface({ input: child.stdout }).on('line', options.onLine);
  createInterface({ input: child.stderr }).on('line', options.onLine);
  const ended = new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, signal });
    });
  });
  return { ended, cancel: (times = runnerCancelTimes) => cancelTree(child, times) };
}

async function cancelTree(child: ChildProcess, times: CancelTimes): Promise<NodeJS.Signals[]> {
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  const sent: NodeJS.Signals[] = [];
  for (const [signal, milliseconds] of [
    ['SIGINT', times.interruptMilliseconds],
    ['SIGTERM', times.terminateMilliseconds],
  ] as const) {
    if (child.exitCode !== null || child.signalCode !== null) return sent;
    if (milliseconds === undefined) continue;
    sent.push(signal);
    child.kill(signal);
    if (await within(exited, milliseconds)) return sent;
  }
  const below = times.processAlone === true ? [] : await descendants(child.pid ?? 0);
  for (const pid of [child.pid ?? 0, ...below]) kill(pid);
  return [...sent, 'SIGKILL'];
}

async function within(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

function kill(pid: number): void {
  try {
    if (pid > 1) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/**
 * Processes that still carry this job's RUNNER_TRACKING_ID, by which the runner finds what a job left behind. Only
 * Linux shows another process's environment; elsewhere nothing is found.
 */
export async function findLeftovers(trackingId: string): Promise<{ pid: number; command: string }[]> {
  const left: { pid: number; command: string }[] = [];
  const entries = await readdir('/proc').catch(() => []);
  for (const pid of entries.filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(`RUNNER_TRACKING_ID=${trackingId}`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command !== '') left.push({ pid: Number(pid), command: command.replaceAll('\0', ' ').trim() });
  }
  return left;
}

/** Ends what findLeftovers found, as the runner does at the end of a job. */
export function endLeftovers(leftovers: { pid: number }[]): void {
  for (const { pid } of leftovers) kill(pid);
}
