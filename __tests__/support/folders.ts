/** Temporary folders that are gone when the test file that asked for them has ended. */
import { afterAll } from '@jest/globals';
import { execFileSync } from 'node:child_process';
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

/** Makes a folder a repository with everything in it committed; the commit. */
export function commitAll(folder: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '-m', 'all');
  return git('rev-parse', 'HEAD');
}
