/** Temporary folders that are gone when the test file that asked for them has ended. */
import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `asg-deploy-${purpose}-`));
  made.push(folder);
  return folder;
}
