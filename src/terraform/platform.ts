import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inputs } from '../inputs/index.ts';

/** Docker's name of a platform for each value of the variable. */
const platforms: Record<string, string> = { x86_64: 'linux/amd64', arm64: 'linux/arm64' };

/** What may say it, strongest first. */
export interface PlatformSources {
  /** The input terraform-variables. */
  given: Record<string, unknown>;
  /** Text of environments/<environment>.tfvars; '' when there is none. */
  file: string;
  /** Text of the root's .tf files, and of the modules beside it that it calls. */
  declarations: string;
}

/**
 * The platform that an environment's instances run, from what Terraform will be given: an attribute `architecture` of
 * `service`, as in the bundled root, or a variable of that name. A variable is taken whole, as Terraform does: a
 * `service` without it has the declared default, whatever the file says. A root that calls the bundled module may give
 * it in the call. Pure.
 *
 * @returns undefined where nobody says
 */
export function platformOfVariables({ given, file, declarations }: PlatformSources): string | undefined {
  const { service } = given;
  const whole = typeof service === 'object' && service !== null;
  const { architecture } = (whole ? service : given) as Record<string, unknown>;
  if (typeof architecture === 'string') return platforms[architecture];
  const literal = /\barchitecture"?\s*[=:]\s*"(\w+)"/;
  const written = whole ? null : literal.exec(withoutComments(file));
  const code = withoutComments(declarations);
  const declared = literal.exec(code) ?? /\barchitecture\s*=\s*optional\(string,\s*"(\w+)"\)/.exec(code);
  return platforms[(written ?? declared)?.[1] ?? ''];
}

function withoutComments(text: string): string {
  return text.replace(/^\s*(#|\/\/).*$/gm, '');
}

/**
 * What to build for, when the input platform does not say.
 * @param directory the Terraform root
 * @returns undefined where nobody says: the builder's own platform
 */
export async function environmentPlatform(
  directory: string,
  { environment, terraformVariables }: Pick<Inputs, 'environment' | 'terraformVariables'>,
): Promise<string | undefined> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  const code = await codeIn(directory);
  const modules = [...code.matchAll(localModule)].map(([, path = '']) => codeIn(join(directory, path)));
  const files = ['.tfvars', '.tfvars.json'].map((suffix) => join('environments', environment + suffix));
  const file = await Promise.all(files.map((name) => read(join(directory, name))));
  return platformOfVariables({
    given: terraformVariables,
    file: file.join('\n'),
    declarations: [code, ...(await Promise.all(modules))].join('\n'),
  });
}

/** A call of a module that lies beside the root: its path from there. */
const localModule = /^\s*source\s*=\s*"(\.{1,2}\/[^"]+)"/gm;

/** The text of the .tf files of a folder, '' where there is none. */
async function codeIn(folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.tf'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  return texts.join('\n');
}
