import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { endProcess, identifyProcess } from '../local-cloud/host/index.ts';

const run = promisify(execFile);

/** Seconds until a process that does not end is killed. */
const patience = 10;

/** The processes below one, however deep and in whatever process group, parents first. */
export async function descendants(root: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const parent of found) {
    for (const [pid, ppid] of pairs) if (ppid === parent && pid !== undefined && pid > 1) found.push(pid);
  }
  return found.slice(1);
}

/**
 * Ends a process and everything below it. A test's children have process groups of their own, so that Ctrl-C reaches them
 * through the test alone; a test that is interrupted can't pass it on.
 */
export async function endProcessTree(pid: number): Promise<void> {
  const tree = [pid, ...(await descendants(pid))];
  const identities = await Promise.all(tree.map((each) => identifyProcess(each)));
  const running = identities.filter((identity) => identity !== undefined);
  await Promise.all(running.map((identity) => endProcess(identity, patience)));
}
