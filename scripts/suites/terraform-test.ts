/** Tests the Terraform folder as it is, in a copy: neither providers nor a lock file are written into the checkout. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../terraform', import.meta.url));

function terraform(directory: string, parameters: string[]): boolean {
  const { status, error } = spawnSync('terraform', parameters, {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) console.error(error.message);
  return status === 0;
}

/** Every folder from this one down that has tests. */
function rootsWithTests(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.tftest.hcl') && basename(dirname(path)) === 'tests')
    .map((path) => join(folder, dirname(dirname(path))))
    .filter((root, index, roots) => roots.indexOf(root) === index);
}

const copy = mkdtempSync(join(tmpdir(), 'terraform-test-'));
try {
  cpSync(source, copy, { recursive: true, filter: (path) => basename(path) !== '.terraform' });
  const formatted = terraform(copy, ['fmt', '-check', '-diff', '-recursive']);
  const passed = rootsWithTests(copy).map(
    (root) =>
      terraform(root, ['init', '-backend=false', '-input=false', '-no-color']) &&
      terraform(root, ['test', '-json']),
  );
  process.exitCode = formatted && passed.every(Boolean) ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
