import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a step wrote into the files that the runner gave it. */
export interface FileCommands {
  outputs: Record<string, string>;
  state: Record<string, string>;
  environment: Record<string, string>;
  path: string[];
  summary: string;
}

const variables = [
  'GITHUB_OUTPUT',
  'GITHUB_STATE',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_STEP_SUMMARY',
] as const;
type Variable = (typeof variables)[number];

/** Bytes of a summary; of a longer one GitHub shows nothing. */
export const longestSummary = 1_048_576;

/** The five empty files of one step, new for each step as on GitHub, and a reader for what it left in them. */
export async function createCommandFiles(
  directory: string,
): Promise<{ variables: Record<Variable, string>; read(): Promise<FileCommands> }> {
  await mkdir(directory, { recursive: true });
  const files = Object.fromEntries(
    variables.map((name) => [name, join(directory, `${name.slice(7).toLowerCase()}_${randomUUID()}`)]),
  ) as Record<Variable, string>;
  for (const file of Object.values(files)) await writeFile(file, '');
  const text = (name: Variable): Promise<string> => readFile(files[name], 'utf8');
  return {
    variables: files,
    async read() {
      return {
        outputs: parsePairs(await text('GITHUB_OUTPUT')),
        state: parsePairs(await text('GITHUB_STATE')),
        environment: parsePairs(await text('GITHUB_ENV')),
        path: (await text('GITHUB_PATH')).split(/\r?\n/).filter((line) => line !== ''),
        summary: await text('GITHUB_STEP_SUMMARY'),
      };
    },
  };
}

/**
 * Reads `name=value` lines and `name<<delimiter … delimiter` blocks; a later value of a name replaces an earlier one.
 *
 * @throws Error as the runner does: a line of neither form, or a delimiter that never comes
 */
export function parsePairs(text: string): Record<string, string> {
  const values = new Map<string, string>();
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const block = /^([^=]+?)<<(.+)$/.exec(line);
    if (block) {
      const [, name = '', delimiter = ''] = block;
      const end = lines.indexOf(delimiter, index + 1);
      if (end === -1) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
      values.set(name, lines.slice(index + 1, end).join('\n'));
      index = end;
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 1) throw new Error(`Invalid format '${line}'`);
    values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return Object.fromEntries(values);
}
