/** Debian packages, where this may install them: as root on Debian or Ubuntu. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lastLines, runCommand, SetupError } from '../host/index.ts';

/** Whether installing packages is ours to do: root, on a machine with apt-get. */
export function mayInstallPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
}

/** The first file on the PATH that has this name and may be run; undefined when there is none. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  const candidates = path.split(delimiter).filter((folder) => folder !== '');
  return candidates.map((folder) => join(folder, name)).find(mayBeRun);
}

function mayBeRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * apt-get update and install.
 * @param packages names of Debian packages
 * @throws SetupError with what apt-get said
 */
export async function installPackages(packages: string[], say: (line: string) => void): Promise<void> {
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  say(`installing ${packages.join(', ')} (apt-get)`);
  // An index of one source that can't be refreshed need not be in the way of the install.
  const update = await runCommand('apt-get', ['update', '--quiet'], { environment, timeoutSeconds: 300 });
  const parameters = ['install', '--yes', '--quiet', '--no-install-recommends', ...packages];
  const install = await runCommand('apt-get', parameters, { environment, timeoutSeconds: 900 });
  if (install.exitCode === 0) return;
  throw new SetupError(`${packages.join(', ')} could not be installed. Nothing was started.`, {
    why: [update, install]
      .filter(({ exitCode }) => exitCode !== 0)
      .map((result) => lastLines(result, 6))
      .join('\n'),
    next: `make \`apt-get install ${packages.join(' ')}\` work on this machine and run this again`,
  });
}
