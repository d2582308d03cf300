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
