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
  /** Text of the root's .tf files. */
  declarations: string;
}

/**
 * The platform that an environment's instances run, from what Terraform will be given: an attribute `architecture` of
 * `service`, as in the bundled root, or a variable of that name. A variable is taken whole, as Terraform does: a
 * `service` without it has the declared default, whatever the file says. Pure.
 *
 * @returns undefined where nobody says
 */
export function platformOfVariables({ given, file, declarations }: PlatformSources): string | undefined {
  const { service } = given;
  const whole = typeof service === 'object' && service !== null;
  const { architecture } = (whole ? service : given) as Record<string, unknown>;
  if (typeof architecture === 'string') return platforms[architecture];
  const written = whole ? undefined : /\barchitecture"?\s*[=:]\s*"(\w+)"/.exec(withoutComments(file));
  const declared = /\barchitecture\s*=\s*optional\(string,\s*"(\w+)"\)/.exec(withoutComments(declarations));
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
  const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => '');
  const roots = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.tf'));
  const files = ['.tfvars', '.tfvars.json'].map((suffix) => join('environments', environment + suffix));
  const [declarations, file] = await Promise.all(
    [roots, files].map(async (names) => (await Promise.all(names.map(read))).join('\n')),
  );
  return platformOfVariables({
    given: terraformVariables,
    file: file ?? '',
    declarations: declarations ?? '',
  });
}
