/** Where the local cloud keeps what it makes: everything is below `.local-cloud/` in the checkout. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** Shared by every run: the emulator's virtual environment, Terraform's settings. */
export function homeFolder(): string {
  const folder = join(ROOT, '.local-cloud');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** One run's own folder: pid file, logs, sockets, layers. Its port names it, as only one can have it. */
export function runFolder(port: number): string {
  return join(homeFolder(), `run-${port}`);
}
