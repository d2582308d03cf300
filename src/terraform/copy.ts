import type { Dirent } from 'node:fs';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** What Terraform itself keeps in a root, and the action somewhere else: a copy of it would be taken for the state. */
const terraformsOwn = new Set([
  '.terraform',
  'terraform.tfstate',
  'terraform.tfstate.backup',
  '.terraform.tfstate.lock.info',
  'terraform.tfstate.d',
  'errored.tfstate',
]);

/**
 * Copies a root to a private folder, so that Terraform may write its lock file and data beside it and the user's
 * folder stays as it is. All of it is there for Terraform to read, `node_modules` and links included. The root's
 * siblings, up to `top`, are there as links: modules and files that the root names by `../` are found.
 *
 * @param root absolute path of the Terraform root
 * @param top folder above the root beyond which nothing is linked
 * @returns the path of the copy
 */
export async function copyRoot(root: string, top: string, into: string): Promise<string> {
  const path = relative(top, root);
  const steps = path === '' || path.startsWith('..') ? [] : path.split(sep);
  let original = steps.length === 0 ? dirname(root) : top;
  let copy = into;
  for (const step of steps.length === 0 ? [basename(root)] : steps) {
    await mkdir(copy, { recursive: true });
    for (const name of await readdir(original))
      if (name !== step) await symlink(join(original, name), join(copy, name));
    original = join(original, step);
    copy = join(copy, step);
  }
  const without = dirname(into);
  const kept = ({ name, parentPath }: Dirent) => {
    const own = parentPath === root && terraformsOwn.has(name);
    return !own && join(parentPath, name) !== without;
  };
  await copyFolder(root, copy, { root: await realpath(root), kept });
  return copy;
}

interface Copying {
  /** The real path of the root. */
  root: string;
  kept: (entry: Dirent) => boolean;
}

/** Files share their blocks with the original where the file system can do that. */
async function copyFolder(from: string, to: string, copying: Copying): Promise<void> {
  await mkdir(to, { recursive: true });
  const entries = (await readdir(from, { withFileTypes: true })).filter(copying.kept);
  await Promise.all(entries.map((entry) => copyEntry(entry, join(to, entry.name), copying)));
}

async function copyEntry(entry: Dirent, to: string, copying: Copying): Promise<void> {
  const from = join(entry.parentPath, entry.name);
  if (entry.isSymbolicLink()) await symlink(await targetOf(from, copying.root), to);
  // A history may be large, and nobody writes it.
  else if (entry.isDirectory() && entry.name === '.git') await symlink(from, to);
  else if (entry.isDirectory()) await copyFolder(from, to, copying);
  // A file that can't be read may be one that Terraform does not read; else Terraform says so.
  else if (entry.isFile())
    await copyFile(from, to, constants.COPYFILE_FICLONE).catch(() => symlink(from, to));
}

/** A link within the root leads to the same place in the copy; one that leaves it, to where it always has. */
async function targetOf(link: string, root: string): Promise<string> {
  const target = await readlink(link);
  const path = resolve(await realpath(dirname(link)), target);
  const inside = path === root || path.startsWith(root + sep);
  return inside && !target.startsWith(sep) ? target : path;
}
