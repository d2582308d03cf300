/** The emulator's virtual environment, with every version pinned. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages, mayInstallPackages } from './apt.ts';
import { homeFolder, lastLines, runCommand, SetupError } from '../host/index.ts';

const REQUIREMENTS = fileURLToPath(new URL('../moto/requirements.txt', import.meta.url));
/** The oldest Python that moto's pinned version runs on. */
const OLDEST_MINOR = 10;

const folder = (): string => join(homeFolder(), 'venv');
const interpreter = (environment: string): string => join(environment, 'bin', 'python');

/** What the environment must have been made from to be used again. */
function wanted(): string {
  return createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
}

/** The interpreter that has moto, when the environment is there and up to date. */
export async function existingPython(): Promise<string | undefined> {
  const stamp = join(folder(), 'made-from');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted()) return undefined;
  const python = interpreter(folder());
  const { exitCode } = await runCommand(python, ['-c', 'import flask'], { timeoutSeconds: 60 });
  return exitCode === 0 ? python : undefined;
}

async function requirePython(say: (line: string) => void): Promise<void> {
  const test = `import sys, venv, ensurepip; sys.exit(sys.version_info < (3, ${OLDEST_MINOR}))`;
  const tryIt = (): ReturnType<typeof runCommand> =>
    runCommand('python3', ['-c', test], { timeoutSeconds: 60 });
  if ((await tryIt()).exitCode === 0) return;
  if (mayInstallPackages()) await installPackages(['python3', 'python3-venv'], say);
  const result = await tryIt();
  if (result.exitCode === 0) return;
  throw new SetupError(`There is no Python 3.${OLDEST_MINOR} or later with venv. Nothing was started.`, {
    why: result.stderr === '' ? 'python3 on the PATH is older' : lastLines(result, 3),
    next: 'install python3 and python3-venv and run this again',
  });
}

/**
 * Makes the virtual environment when it is missing or made from other requirements.
 * It is made aside and moved into place when it is whole, so that an interrupted run leaves nothing half-made.
 * @returns its interpreter
 */
export async function ensurePython(say: (line: string) => void): Promise<string> {
  const existing = await existingPython();
  if (existing !== undefined) return existing;
  await requirePython(say);
  say('installing the emulator, moto, into a Python environment of its own (pip)');
  const aside = join(homeFolder(), `venv-${process.pid}`);
  rmSync(aside, { recursive: true, force: true });
  try {
    const made = await runCommand('python3', ['-m', 'venv', aside], { timeoutSeconds: 180 });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    const installed =
      made.exitCode === 0
        ? await runCommand(interpreter(aside), [...pip, '--requirement', REQUIREMENTS], {
            timeoutSeconds: 900,
          })
        : made;
    if (installed.exitCode !== 0) {
      throw new SetupError('The emulator (moto) could not be installed. Nothing was started.', {
        why: lastLines(installed, 6),
        next: 'make PyPI reachable for pip (PIP_INDEX_URL, HTTPS_PROXY, PIP_CERT) and run this again',
      });
    }
    writeFileSync(join(aside, 'made-from'), wanted());
    rmSync(folder(), { recursive: true, force: true });
    renameSync(aside, folder());
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return interpreter(folder());
}
