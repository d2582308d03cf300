import { resolve } from 'node:path';
import type { Surroundings } from './parsers.ts';
import type { InputReader } from './reader.ts';

/** The absolute path of the user's own Terraform root; undefined when it was not given. */
export function parseTerraformDirectory(
  reader: InputReader,
  input: string,
  { workspace, kind, filesGone = false }: Surroundings,
): string | undefined {
  const given = reader.text(input);
  if (given === undefined) return undefined;
  const directory = resolve(workspace, given);
  if (!filesGone && kind(directory) !== 'directory')
    reader.refuse(input, given, `give a folder with Terraform files (there is none at ${directory})`);
  return directory;
}
