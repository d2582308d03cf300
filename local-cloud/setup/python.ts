/** The emulator's virtual environment, with every version pinned. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages, mayInstallPackages } from './apt.ts';
import { type CommandResult, homeFolder, lastLines, runCommand, SetupError } from '../host/index.ts';

const REQUIREMENTS = fileURLToPath(new URL('../moto/requirements.txt', import.meta.url));
/** The oldest Python that moto's pinned version runs on. */
const OLDEST_MINOR = 10;

const folder = (): string => join(homeFolder(), 'venv');
const interpreter = (environment: string): string => join(environment, 'bin', 'python');

/** What the environment must have been made from to be used again. */
function wanted(): string {
  return createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
}

function isMadeFrom(place: string, madeFrom: string): boolean {
  const stamp = join(place, 'made-from');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === madeFrom;
}

/** The interpreter that has moto, when the environment is there and up to date. */
export async function existingPython(): Promise<string | undefined> {
  if (!isMadeFrom(folder(), wanted())) return undefined;
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
 * Makes a virtual environment aside and moves it into place when it is whole, so that an interrupted run leaves
 * nothing half-made.
 * @param place where it is wanted; what is there is replaced
 * @param madeFrom kept in its file `made-from`
 * @returns the command that failed, undefined when none did
 */
async function makeEnvironment(
  place: string,
  { install, madeFrom }: { install: string[]; madeFrom: string },
): Promise<CommandResult | undefined> {
  const aside = `${place}-${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  try {
    const made = await runCommand('python3', ['-m', 'venv', aside], { timeoutSeconds: 180 });
    if (made.exitCode !== 0) return made;
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    const installed = await runCommand(interpreter(aside), [...pip, ...install], { timeoutSeconds: 900 });
    if (installed.exitCode !== 0) return installed;
    writeFileSync(join(aside, 'made-from'), madeFrom);
    rmSync(place, { recursive: true, force: true });
    renameSync(aside, place);
    return undefined;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const PYPI = 'make PyPI reachable for pip (PIP_INDEX_URL, HTTPS_PROXY, PIP_CERT) and run this again';

/**
 * Makes the virtual environment when it is missing or made from other requirements.
 * @returns its interpreter
 * @throws SetupError when there is no Python or moto can't be had
 */
export async function ensurePython(say: (line: string) => void): Promise<string> {
  const existing = await existingPython();
  if (existing !== undefined) return existing;
  await requirePython(say);
  say('installing the emulator, moto, into a Python environment of its own (pip)');
  const failed = await makeEnvironment(folder(), {
    install: ['--requirement', REQUIREMENTS],
    madeFrom: wanted(),
  });
  if (failed === undefined) return interpreter(folder());
  throw new SetupError('The emulator (moto) could not be installed. Nothing was started.', {
    why: lastLines(failed, 6),
    next: PYPI,
  });
}

const programPlace = (program: string): string => join(homeFolder(), `venv-${program}`);

/** The folder where `ensurePythonProgram` puts a program. */
export function pythonProgramFolder(program: string): string {
  return join(programPlace(program), 'bin');
}

/**
 * Makes sure of a program that a package on PyPI ships, in an environment of its own.
 * @param requirement the package with its version: `name==1.2.3`
 * @returns the program's path
 * @throws SetupError when there is no Python or the package can't be had
 */
export async function ensurePythonProgram(
  program: string,
  requirement: string,
  say: (line: string) => void,
): Promise<string> {
  const place = programPlace(program);
  const path = join(pythonProgramFolder(program), program);
  if (existsSync(path) && isMadeFrom(place, requirement)) return path;
  await requirePython(say);
  say(`installing ${program} into a Python environment of its own (pip install ${requirement})`);
  const failed = await makeEnvironment(place, { install: [requirement], madeFrom: requirement });
  if (failed === undefined) return path;
  throw new SetupError(`${program} could not be installed.`, { why: lastLines(failed, 6), next: PYPI });
}
