import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks. */
const pause = 200;

/**
 * Whether a process of an earlier step is over, which gets so long to end.
 *
 * @param pid of another one by now, where the number was given anew: that counts as running
 */
export async function hasEnded(pid: number, milliseconds: number): Promise<boolean> {
  for (let waited = 0; await isRunning(pid); waited += pause) {
    if (waited >= milliseconds) return false;
    await sleep(pause);
  }
  return true;
}

/**
 * Asks a program that a killed run has left to end, as a cancel does, and waits for it.
 *
 * @param name by which it is known from a stranger that got its number; where the system does not tell, it is only waited for
 * @returns whether it is over
 */
export async function endLeft(
  { pid, name }: { pid: number; name: RegExp },
  milliseconds: number,
): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (name.test(command.split('\0', 1)[0] ?? '')) {
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      // It has ended in this moment.
    }
  }
  return hasEnded(pid, milliseconds);
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // In a container, a process that ended may stay in the list for ever, since nobody asks how it did.
  const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(facts);
}
