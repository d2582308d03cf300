import { spawnSync } from 'node:child_process';
import { endProcess, identifyProcess } from '../../local-cloud/host/index.ts';

/** Seconds until a process that does not end is killed. */
const patience = 10;

/**
 * Ends a process and everything below it, in whatever process group that is. A test's children have groups of their own,
 * so that Ctrl-C reaches them through the test alone; a test that is interrupted can't pass it on.
 */
export async function endProcessTree(pid: number): Promise<void> {
  const identities = await Promise.all(treeBelow(pid).map((each) => identifyProcess(each)));
  const running = identities.filter((identity) => identity !== undefined);
  await Promise.all(running.map((identity) => endProcess(identity, patience)));
}

/** The process and all below it, parents first. */
function treeBelow(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    parents.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return [pid, ...below(pid)];
}
