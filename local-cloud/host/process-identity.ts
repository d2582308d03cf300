/** Tells our process from a later one that was given the same number. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './command.ts';

/** A process, told from any later one with its number. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in whatever form the system tells it; only compared. */
  startedAt: string;
}

async function startTime(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    const { exitCode, stdout } = await runCommand('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return exitCode === 0 ? stdout.trim() : undefined;
  }
  try {
    // proc(5): the command's name is in parentheses and may hold spaces; starttime is field 22, state field 3.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such process. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = await startTime(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether this very process is still there. */
export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await startTime(pid)) === startedAt;
}

/**
 * Asks a process to end and waits; kills it when it has not ended in time. Does nothing when the number belongs
 * to another process by now.
 * @returns whether there was something to end
 */
export async function endProcess(identity: ProcessIdentity, patienceSeconds: number): Promise<boolean> {
  if (!(await isRunning(identity))) return false;
  send(identity.pid, 'SIGTERM');
  const deadline = Date.now() + patienceSeconds * 1000;
  while (await isRunning(identity)) {
    if (Date.now() > deadline) {
      send(identity.pid, 'SIGKILL');
      return true;
    }
    await delay(50);
  }
  return true;
}

/** It may have ended since it was seen. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
