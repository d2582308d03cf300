import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder `terraform/` that comes with the action, found from the entry that Node runs (`<action>/dist/index.js`)
 * upwards: a bundler may rewrite import.meta.url, and GITHUB_ACTION_PATH is not set for JavaScript actions.
 */
export function bundledTerraform(entry: string = process.argv[1] ?? ''): string {
  for (let folder = dirname(existsSync(entry) ? realpathSync(entry) : entry); ; folder = dirname(folder)) {
    const candidate = join(folder, 'terraform');
    if (existsSync(join(folder, 'action.yml')) && existsSync(candidate)) return candidate;
    if (folder === dirname(folder))
      throw new Error(`no action.yml with a folder terraform/ beside it above ${entry}`);
  }
}
