import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Run } from '../run/index.ts';
import { runCommand } from '../run/index.ts';

/** What git knows of a folder. */
export interface Checkout {
  /** The commit that is checked out, in hex. */
  head: string;
  /** The folder's path below the top of its repository; '' for the top itself. */
  prefix: string;
  /** Files and folders below it that are not as in the commit: changed, removed, untracked or ignored. */
  differing: string[];
}

/**
 * Asks git about the build context: of its own repository, be that a second checkout, a worktree or a submodule. The
 * job may run as another user than the one who checked out (a container job), which git would refuse to look at.
 * @returns undefined outside a repository, before the first commit, and without git
 */
export async function readCheckout(run: Run): Promise<Checkout | undefined> {
  const found = await readHead(run);
  if (found === undefined) return undefined;
  const { head, prefix } = found;
  const status = ['status', '--porcelain', '-z', '--no-renames', '--ignore-submodules=none'];
  const [changed, listed] = await Promise.all([
    git(run, [...status, '--untracked-files=normal', '--ignored=traditional', '--', '.']),
    git(run, ['ls-files', '-v', '-z', '--', '.']),
  ]);
  if (changed === undefined || listed === undefined) return undefined;
  // A folder above the context that git does not look into has all of the context in it.
  const differing = changedPaths(changed)
    .map((path) => posix.relative(prefix, path))
    .map((path) => (path.startsWith('..') ? '' : path));
  return { head, prefix, differing: [...differing, ...hiddenPaths(listed)] };
}

/** The commit that is checked out in the build context, or undefined where git does not know one. */
export async function readHead(run: Run): Promise<{ head: string; prefix: string } | undefined> {
  const said = await git(run, ['rev-parse', '--show-prefix', '--verify', 'HEAD^{commit}']);
  const [prefix = '', head = ''] = said?.split('\n') ?? [];
  return /^[0-9a-f]{40,64}$/.test(head) ? { head, prefix: prefix.replace(/\/$/, '') } : undefined;
}

/** The paths of `git status --porcelain -z --no-renames`, which begin at the top of the repository. Pure. */
export function changedPaths(status: string): string[] {
  return status
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3));
}

/** Of `git ls-files -v -z`: what status does not compare, for it is assumed to be unchanged or not checked out. Pure. */
export function hiddenPaths(listed: string): string[] {
  return listed
    .split('\0')
    .filter((entry) => /^[a-zS] /.test(entry))
    .map((entry) => entry.slice(2));
}

/** @returns undefined when git fails or can't be run */
async function git(run: Run, args: string[]): Promise<string | undefined> {
  // By the environment, it holds in submodules and in versions of git that take no such -c.
  const settings = { 'safe.directory': '*', 'core.fsmonitor': 'false', 'core.quotePath': 'false' };
  const entries = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const env = {
    ...(Object.fromEntries(entries) as Record<string, string>),
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    GIT_OPTIONAL_LOCKS: '0',
  };
  try {
    const folder = await realpath(run.inputs.context);
    const { exitCode, stdout } = await runCommand(run, 'git', ['-C', folder, ...args], { env });
    return exitCode === 0 ? stdout : undefined;
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.debug(`git can't be run: ${String(error)}`);
    return undefined;
  }
}
