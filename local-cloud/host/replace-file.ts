import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file that others may be reading: they find all of what was there before, or all of the new. */
export function replaceFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, text);
  renameSync(aside, path);
}
