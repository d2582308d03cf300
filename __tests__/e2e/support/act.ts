import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import { actionDirectory, type Project } from './project.ts';

interface Workflow {
  jobs: Record<string, { steps?: { uses?: string; with?: Record<string, string> }[] }>;
}

/** One line of `act --json`. */
interface Line {
  jobID?: string;
  msg?: string;
  jobResult?: string;
  /** Outputs of a step are told by a command: name and argument. */
  command?: string;
  name?: string;
  arg?: string;
  stepResult?: string;
}

export interface WorkflowRun {
  exitCode: number;
  /** By the job's id, those that ran, in the order in which they ended. */
  jobs: [string, string][];
  /** `jobs.<id>`'s outputs of its steps; a later one of a name wins. */
  outputs: Record<string, Record<string, string>>;
  log: string;
}

/** What an input is called here, where the application and its Terraform are those of a test. */
const inputsHere: Record<string, string | undefined> = {
  context: undefined,
  'smoke-test-path': undefined,
  'role-to-assume': undefined,
  'terraform-directory': 'infrastructure',
};

/**
 * A project with this repository's action and workflows in it, as somebody who copied them has them: `uses: ./` is the
 * built action. Its inputs are changed where they speak of the sample application.
 */
export async function withWorkflows(project: Project, names: string[]): Promise<void> {
  const { directory } = project;
  for (const part of ['action.yml', 'dist', 'terraform'])
    await cp(join(actionDirectory, part), join(directory, part), {
      recursive: true,
      filter: (source) => !source.includes('.terraform'),
    });
  await mkdir(join(directory, '.github/workflows'), { recursive: true });
  for (const name of names) {
    const workflow = parse(
      await readFile(join(actionDirectory, '.github/workflows', name), 'utf8'),
    ) as Workflow;
    for (const step of Object.values(workflow.jobs).flatMap(({ steps = [] }) => steps)) {
      if (step.uses !== './') continue;
      const given = Object.entries({ ...step.with, ...inputsHere }).filter(
        ([, value]) => value !== undefined,
      );
      step.with = Object.fromEntries(given) as Record<string, string>;
    }
    await writeFile(join(directory, '.github/workflows', name), stringify(workflow));
  }
}

/** A ci that passes, or does not. */
export const ci = (command: 'true' | 'false'): string =>
  stringify({
    on: 'workflow_call',
    jobs: { test: { 'runs-on': 'ubuntu-24.04', steps: [{ run: command }] } },
  });

export interface WorkflowStart {
  event: string;
  workflow: string;
  /** The last job that is to run, after those that it needs; all of them when left out. */
  job?: string;
  /** `name:value` of the one that is to run. */
  matrix?: string;
  /** Of a workflow_dispatch. */
  inputs?: Record<string, string>;
  /** What the event says. */
  payload?: object;
  /** `vars` */
  variables?: Record<string, string>;
  /** Where GitHub answers, and the job's token for it. */
  github?: { apiUrl: string; token: string };
}

/**
 * Runs a workflow of a project with act, on this machine instead of in a container. GitHub's environments, concurrency and
 * permissions mean nothing to it.
 */
export async function runWorkflow(
  project: Project,
  cloud: CloudDescription,
  start: WorkflowStart,
): Promise<WorkflowRun> {
  const folder = await mkdtemp(join(tmpdir(), 'act-'));
  try {
    const file = join(folder, 'event.json');
    await writeFile(file, JSON.stringify(start.payload ?? {}));
    // With a file of its own, act knows nothing of `--input`.
    const event = start.payload === undefined ? [] : ['--eventpath', file];
    return await act([...parametersOf(start, cloud), ...event], project.directory, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parametersOf(start: WorkflowStart, cloud: CloudDescription): string[] {
  const pairs = (option: string, values: Record<string, string> = {}): string[] =>
    Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
  const { event, workflow, job, matrix, github } = start;
  return [
    ...[event, '--workflows', `.github/workflows/${workflow}`],
    ...['--platform', 'ubuntu-24.04=-self-hosted', '--container-daemon-socket', '-'],
    ...['--action-offline-mode', '--no-cache-server', '--concurrent-jobs', '1', '--json'],
    ...(job === undefined ? [] : ['--job', job]),
    ...(matrix === undefined ? [] : ['--matrix', matrix]),
    ...pairs('--env', { ...cloud.environment, AWS_EC2_METADATA_DISABLED: 'true' }),
    ...(github === undefined ? [] : pairs('--env', { GITHUB_API_URL: github.apiUrl })),
    ...(github === undefined ? [] : pairs('--secret', { GITHUB_TOKEN: github.token })),
    ...pairs('--input', start.inputs),
    ...pairs('--var', start.variables),
  ];
}

function act(parameters: string[], cwd: string, home: string): Promise<WorkflowRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('act', parameters, {
      cwd,
      env: { ...process.env, HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => (text += more));
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 1, ...read(text) }));
  });
}

function read(text: string): Omit<WorkflowRun, 'exitCode'> {
  const lines = text
    .split('\n')
    .map((line) => (line.startsWith('{') ? (JSON.parse(line) as Line) : { msg: line }));
  const run: Omit<WorkflowRun, 'exitCode'> = { jobs: [], outputs: {}, log: '' };
  for (const { jobID = '', jobResult, command, name = '', arg = '', msg = '' } of lines) {
    run.log += `${jobID}: ${msg.trimEnd()}\n`;
    if (jobResult !== undefined && msg.includes('Job')) run.jobs.push([jobID, jobResult]);
    if (command === 'set-output') run.outputs[jobID] = { ...run.outputs[jobID], [name]: arg };
  }
  return run;
}
