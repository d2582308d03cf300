/** An instance on which only the script is real: docker, aws, curl and the rest answer as a scenario says. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../local-cloud/setup/index.ts';
import { run } from './render.ts';

export interface Scenario {
  /** Parameters under the path: name to value. */
  parameters?: Record<string, string>;
  /** Shell code that a stub runs first, by command; it may `exit`. `$*` are the arguments. */
  stubs?: Record<string, string>;
  /** Commands that are not there. */
  missing?: string[];
  /** Files in $TEST_FOLDER, by name. */
  files?: Record<string, string>;
  /** On the ECS-optimized system there is the unit of its agent. */
  ecsOptimized?: boolean;
}

export interface Boot {
  code: number;
  console: string;
  /** One line a call: command and arguments. */
  calls: string[];
  /** What `docker run` was given in its env-file, or undefined when it was not called. */
  envFile: string | undefined;
  /** What `docker login` was given on standard input. */
  password: string | undefined;
  /** What is left in the script's working folder. */
  left: string[];
  output: string;
}

const stub = (first: string, then: string): string =>
  `#!/bin/bash
name=\${0##*/}
printf '%s\\n' "$name $*" >>"$TEST_FOLDER/calls"
${first}
${then}
`;

/** What each command does when the scenario has nothing to say. */
const answers: Record<string, string> = {
  aws: `case "$*" in
  *get-login-password*) echo registry-password ;;
  *get-parameters-by-path*) cat "$TEST_FOLDER/parameters" ;;
esac`,
  docker: `case "$1" in
  login) cat >"$TEST_FOLDER/password" ;;
  run) while [ $# -gt 0 ]; do [ "$1" = --env-file ] && cp "$2" "$TEST_FOLDER/env-file"; shift; done ;;
  inspect) echo "running 0 0" ;;
  wait) exit 1 ;;
esac`,
  curl: `case "$*" in
  *api/token*) echo token ;;
  *instance-id*) echo i-0123456789abcdef0 ;;
  *) printf 200 ;;
esac`,
  dnf: '',
  systemctl: '',
  shutdown: '',
  sleep: '',
};

function read(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Boots the script once. The console and /run are files and folders of the test's own. */
export async function boot(
  script: string,
  { parameters = {}, stubs = {}, missing = [], files = {}, ecsOptimized = false }: Scenario,
): Promise<Boot> {
  const folder = mkdtempSync(join(tmpdir(), 'asg-deploy-boot-'));
  const [bin, work] = ['bin', 'run'].map((name) => join(folder, name)) as [string, string];
  mkdirSync(bin);
  mkdirSync(work);
  for (const [name, answer] of Object.entries(answers)) {
    if (missing.includes(name)) continue;
    writeFileSync(join(bin, name), stub(stubs[name] ?? '', answer));
    chmodSync(join(bin, name), 0o755);
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const entries = Object.entries(parameters).map(([name, value]) => [`/shop/prod/${name}`, value] as const);
  const lines = (text: string[]): string => text.map((line) => `${line}\n`).join('');
  const multiLine = (value: string): string => (value.includes('\n') ? 'True' : 'False');
  const told = entries.map(([name, value]) => `${name}\t${multiLine(value)}\t${value}`);
  writeFileSync(join(folder, 'parameters'), lines(told));
  const local = script
    .replace('/dev/console', join(folder, 'console'))
    .replaceAll('/run/asg-deploy.', `${work}/asg-deploy.`)
    .replace('/usr/lib/systemd/system/ecs.service', join(folder, 'ecs.service'));
  if (ecsOptimized) writeFileSync(join(folder, 'ecs.service'), '');
  // What goes on after the boot is waited for, which cloud-init does not do.
  const waiting = `${local.replace(`>${folder}/console`, `>>${folder}/console`)}\nwait\n`;
  writeFileSync(join(folder, 'script'), waiting);
  // The machine's own docker or aws must not be found: only the tools that every system has.
  for (const tool of ['bash', 'cat', 'cp', 'grep', 'head', 'mktemp', 'rm', 'sed', 'tail', 'timeout', 'tr']) {
    symlinkSync(findProgram(tool) ?? tool, join(bin, tool));
  }
  const env = { PATH: bin, TEST_FOLDER: folder };
  const { code, stdout, stderr } = await run('/bin/bash', [join(folder, 'script')], { env });
  const seen = {
    code,
    console: read(folder, 'console') ?? '',
    calls: (read(folder, 'calls') ?? '').split('\n').filter((line) => line !== ''),
    envFile: read(folder, 'env-file'),
    password: read(folder, 'password'),
    left: readdirSync(work),
    output: stdout + stderr,
  };
  rmSync(folder, { recursive: true });
  return seen;
}
