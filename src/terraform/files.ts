import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Body } from '../hcl/index.ts';
import { loadHcl, readJson } from '../hcl/index.ts';

/** A file of configuration or of values, as it was read. Of what is wrong in it, Terraform says more. */
export interface SourceFile {
  /** Path of the file, from the root. */
  name: string;
  body: Body;
}

/**
 * The configuration in a folder, in the order in which Terraform reads it: override files last, whose blocks are merged
 * into those of the others. Files that an editor hides are none.
 * https://developer.hashicorp.com/terraform/language/files/override
 * @returns nothing where there is no such folder
 */
async function readModule(folder: string, shown: string): Promise<SourceFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter(
    (name) => /\.(tf|tofu)(\.json)?$/.test(name) && !name.startsWith('.'),
  );
  const overrides = names.filter(isOverride).sort();
  const others = names.filter((name) => !isOverride(name)).sort();
  return readFiles(folder, [...others, ...overrides], shown);
}

/** Those of the named files that are there. */
export async function readFiles(folder: string, names: readonly string[], shown = ''): Promise<SourceFile[]> {
  const readHcl = await loadHcl();
  const files = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
      if (text === undefined) return [];
      const { body } = name.endsWith('.json') ? readJson(text) : readHcl(text);
      return [{ name: join(shown, name), body }];
    }),
  );
  return files.flat();
}

/** The configuration of a root, and then of every module in a folder that it or one of them calls. */
export async function readWithModules(root: string): Promise<SourceFile[]> {
  const read: SourceFile[] = [];
  const paths = ['.'];
  for (const path of paths) {
    const files = await readModule(join(root, path), path);
    read.push(...files);
    for (const source of files.flatMap(localSources).map((each) => join(path, each)))
      if (!paths.includes(source)) paths.push(source);
  }
  return read;
}

function localSources({ body }: SourceFile): string[] {
  return body.blocks('module', 1).flatMap(({ body: { attributes } }) => {
    const { source } = attributes;
    return typeof source === 'string' && /^\.\.?\//.test(source) ? [source] : [];
  });
}

function isOverride(name: string): boolean {
  return /(^|_)override\.(tf|tofu)(\.json)?$/.test(name);
}
