import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './folders.ts';

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A scanner's own words, without colours; '' where it has nothing against what it saw. */
function findings(program: string, parameters: string[], directory: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (error !== undefined) throw error;
  return status === 0 ? '' : `${stdout}${stderr}` || `${program} ended with ${status}`;
}

/** Workflows below .github of a repository; `run:` goes through shellcheck. */
export const actionlint = (repository: string): string => findings('actionlint', ['-no-color'], repository);

/** Security of workflows, with the settings in .github/zizmor.yml. Asks nobody. */
export const zizmor = (repository: string): string =>
  findings('zizmor', ['--offline', '--quiet', '--persona=pedantic', '--format=plain', '.'], repository);

/** @param settings path of a hadolint.yaml, where not every rule holds */
export const hadolint = (repository: string, file: string, settings?: string): string => {
  const config = settings === undefined ? [] : ['--config', settings];
  return findings('hadolint', ['--no-color', ...config, file], repository);
};

export const shellcheck = (directory: string, file: string): string =>
  findings('shellcheck', ['--shell=bash', '--format=gcc', file], directory);

/** A repository in a folder of the test that has this action and these files. */
export function repositoryWith(files: Record<string, string>): string {
  const folder = temporaryFolder('repository');
  mkdirSync(join(folder, '.git'));
  mkdirSync(join(folder, 'dist'));
  for (const file of ['action.yml', 'dist/index.js', 'dist/post.js']) {
    copyFileSync(join(root, file), join(folder, file));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Text that looks like a secret, as `[kind, file]` with the file as it was given. */
export function secretlint(directory: string, files: string[]): [string, string][] {
  const program = join(root, 'node_modules/secretlint/bin/secretlint.js');
  const settings = ['--format=json', '--no-glob', '--secretlintrc', join(root, '.secretlintrc.json')];
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...settings, ...files], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  if (status !== 0 && status !== 1) throw new Error(stderr);
  const results = JSON.parse(stdout) as { filePath: string; messages: { messageId: string }[] }[];
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ messageId }): [string, string] => [messageId, relative(directory, filePath)]),
  );
}
