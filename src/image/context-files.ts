import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Ignore } from './dockerignore.ts';
import { dockerignore } from './dockerignore.ts';

/** Files of a build context, and what they hold. */
export interface ContextFiles {
  /** Below the context, sorted. */
  paths: string[];
  /** Of paths, contents, links and executable bits; '' without files. */
  digest: string;
}

/** The files that say what a build does, by their digests. */
export interface BuildFiles {
  /** Of the Dockerfile and of what is ignored. */
  digest: string;
  ignores: Ignore[];
  /** Their paths below the context: they count, whatever is ignored. */
  paths: string[];
}

/**
 * The Dockerfile and its ignore files. BuildKit reads `<Dockerfile>.dockerignore` in place of the context's, the
 * classic builder does not: where there are both, only what both exclude is taken to be excluded.
 */
export async function readBuildFiles(context: string, dockerfile: string): Promise<BuildFiles> {
  const ignoreFiles = [
    join(context, '.dockerignore'),
    join(dirname(dockerfile), `${basename(dockerfile)}.dockerignore`),
  ];
  const texts = await Promise.all(
    [dockerfile, ...ignoreFiles].map((path) => readFile(path, 'utf8').catch(() => undefined)),
  );
  return {
    digest: createHash('sha256')
      .update(JSON.stringify(texts.map((text) => text ?? null)))
      .digest('hex'),
    ignores: texts.slice(1).flatMap((text) => (text === undefined ? [] : [dockerignore(text)])),
    paths: [dockerfile, ...ignoreFiles].map((path) => relative(context, path)),
  };
}

/**
 * Reads files and folders of a context, as far as a build gets to see them. What git keeps for itself (.git) is left out.
 * @param paths below the context; a file that is not there counts as removed
 */
export async function readContextFiles(
  context: string,
  paths: readonly string[],
  { ignores, paths: kept }: Pick<BuildFiles, 'ignores' | 'paths'>,
  signal?: AbortSignal,
): Promise<ContextFiles> {
  const found = new Map<string, string>();
  const excluded = (path: string) =>
    !kept.includes(path) && ignores.length > 0 && ignores.every((ignore) => ignore.excludes(path));
  const excludedWhole = (path: string) => excluded(path) && ignores.every(({ exceptions }) => !exceptions);
  const visit = async (path: string): Promise<void> => {
    signal?.throwIfAborted();
    const absolute = join(context, path);
    const stats = await lstat(absolute).catch(() => undefined);
    if (stats?.isDirectory() === true) {
      const names = path !== '' && excludedWhole(path) ? [] : await readdir(absolute).catch(() => []);
      for (const name of names) if (name !== '.git') await visit(join(path, name));
    } else if (!excluded(path)) found.set(path, await describe(absolute, stats));
  };
  for (const path of paths) await visit(path.replace(/\/$/, ''));
  const entries = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    paths: entries.map(([path]) => path),
    digest: entries.length === 0 ? '' : createHash('sha256').update(JSON.stringify(entries)).digest('hex'),
  };
}

async function describe(path: string, stats: Stats | undefined): Promise<string> {
  if (stats === undefined) return 'removed';
  if (stats.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (!stats.isFile()) return 'other';
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch {
    // The builder, which can't read it either, has the better words for it.
    return 'unreadable';
  }
  return `${(stats.mode & 0o100) === 0 ? 'file' : 'program'} ${hash.digest('hex')}`;
}
