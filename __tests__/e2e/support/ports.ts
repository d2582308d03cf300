import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
/** Far from where a cloud is that somebody has up; with the registries 1000 above them, below what systems give out. */
const first = 4700;
const each = 5;

/**
 * The port of a test file's own local cloud: files run side by side.
 * @param file the `import.meta.url` of the file
 * @param another 1 to 4 for a file's further clouds
 * @throws RangeError for what is no test file of this folder, or a fifth further cloud
 */
export function portOf(file: string, another = 0): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  const at = files.sort().indexOf(relative(folder, fileURLToPath(file)));
  if (at < 0 || another >= each) throw new RangeError(`no port is kept for ${file}, cloud ${another}`);
  return String(first + each * at + another);
}
