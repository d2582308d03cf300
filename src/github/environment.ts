import { statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { loadHcl } from '../hcl/index.ts';
import type { CommandRules, Inputs } from '../inputs/index.ts';
import { mayBeHcl, misspeltInputs, parseInputs } from '../inputs/index.ts';
import type { GithubContext } from './context.ts';

/** An input as the runner hands it over: upper case, spaces as underscores, hyphens as they are. */
export function readInput(environment: NodeJS.ProcessEnv, name: string): string {
  return environment[`INPUT_${name.toUpperCase()}`] ?? '';
}

/**
 * The inputs of this step, parsed and checked.
 * @param commands those that there are, and what each wants of the inputs
 * @param filesGone the job is over: its folders and files are not asked for
 * @throws DeployError `input-invalid`
 */
export async function inputsOf<C extends string>(
  environment: NodeJS.ProcessEnv,
  commands: Readonly<Record<C, CommandRules>>,
  { filesGone = false } = {},
): Promise<Inputs & { command: C }> {
  const readHcl = mayBeHcl(readInput(environment, 'terraform-variables')) ? await loadHcl() : undefined;
  return parseInputs((name) => readInput(environment, name), {
    commands,
    readHcl,
    job: environment,
    workspace: workspaceOf(environment),
    kind: kindOf,
    filesGone,
  });
}

/** A sentence for each name in `with:` that is near to an input and is none. */
export function doubtfulInputs(environment: NodeJS.ProcessEnv): string[] {
  const given = Object.keys(environment)
    .filter((name) => name.startsWith('INPUT_'))
    .map((name) => name.slice('INPUT_'.length).toLowerCase());
  return misspeltInputs(given).map(
    ({ name, meant }) => `${name} is not an input of this action, and is not used; did you mean ${meant}?`,
  );
}

/**
 * What every run needs of the job's variables, also outside of a job; @actions/github, which weighs ten times as much, is
 * loaded only where GitHub is called.
 * https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function githubContext(environment: NodeJS.ProcessEnv): GithubContext {
  const { GITHUB_SERVER_URL: server = 'https://github.com', GITHUB_REPOSITORY: repository = '' } =
    environment;
  const runId = environment.GITHUB_RUN_ID ?? '';
  const repositoryUrl = repository === '' ? '' : `${server}/${repository}`;
  return {
    sha: environment.GITHUB_SHA ?? '',
    repository,
    runId,
    runUrl: repository === '' || runId === '' ? '' : `${repositoryUrl}/actions/runs/${runId}`,
    repositoryUrl,
    actor: environment.GITHUB_ACTOR ?? '',
    workspace: workspaceOf(environment),
  };
}

const temporaryPrefix = 'asg-deploy-';

/** A new folder for one run that only this user can read (mkdtemp makes it 0700). */
export function makeTemporaryDirectory(environment: NodeJS.ProcessEnv): Promise<string> {
  return mkdtemp(join(temporaryRoot(environment), temporaryPrefix));
}

/** Whether a path is one that `makeTemporaryDirectory` could have made: nothing else is ever removed. */
export function isTemporaryDirectory(environment: NodeJS.ProcessEnv, path: string): boolean {
  return dirname(path) === temporaryRoot(environment) && basename(path).startsWith(temporaryPrefix);
}

function temporaryRoot(environment: NodeJS.ProcessEnv): string {
  return resolve(environment.RUNNER_TEMP ?? tmpdir());
}

function workspaceOf(environment: NodeJS.ProcessEnv): string {
  return resolve(environment.GITHUB_WORKSPACE ?? process.cwd());
}

/** What lies at a path, with links followed. */
export function kindOf(path: string): 'file' | 'directory' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? 'directory' : 'file';
}
