import { execFileSync } from 'node:child_process';
import { arch, platform } from 'node:os';
import { delimiter } from 'node:path';

export interface Job {
  /** The checked-out repository. */
  workspace: string;
  /** owner/name */
  repository: string;
  /** 40 hex digits; the workspace's HEAD when it is left out. */
  sha?: string | undefined;
  runId: string;
  runNumber: string;
  actor: string;
  eventName: string;
  /** What the event file holds. */
  event: Record<string, unknown>;
  ref: string;
  serverUrl: string;
  apiUrl: string;
  token: string;
}

export interface RunnerFolders {
  temporary: string;
  toolCache: string;
  eventFile: string;
}

const systems: Record<string, string> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };

/** Variables that must come from the job, not from whoever runs the stand-in. */
const notInherited =
  /^(INPUT|STATE|GITHUB|RUNNER|ACTIONS|AWS)_|^(npm_|JEST_|NODE_OPTIONS$|NODE_ENV$|NODE_COMPILE_CACHE$)/;

/**
 * What a step inherits from the machine: its tools and proxies, but nobody's credentials and no other job's files. What
 * runs on this machine, as the local cloud does, is asked without a proxy.
 */
export function inheritedEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(
    ([name]) => name.startsWith('AWS_CA_') || !notInherited.test(name),
  );
  const inherited = Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
  if (!kept.some(([name]) => /^(https?|all)_proxy$/i.test(name))) return inherited;
  const { NO_PROXY, no_proxy: lowerCase, ...others } = inherited;
  const direct = [NO_PROXY ?? lowerCase ?? '', '127.0.0.1', 'localhost', '::1'].filter((one) => one !== '');
  return { ...others, NO_PROXY: direct.join(',') };
}

/** The commit that is checked out. @throws Error when the workspace is no git repository with a commit */
export function headOf(workspace: string): string {
  return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: workspace, encoding: 'utf8' }).trim();
}

/** The variables that GitHub documents for every step, as far as an action of this kind can use them. */
export function defaultVariables(
  job: Job,
  folders: RunnerFolders,
  actionDirectory: string,
): Record<string, string> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTION_PATH: actionDirectory,
    GITHUB_ACTOR: job.actor,
    GITHUB_API_URL: job.apiUrl,
    GITHUB_EVENT_NAME: job.eventName,
    GITHUB_EVENT_PATH: folders.eventFile,
    GITHUB_JOB: 'deploy',
    GITHUB_REF: job.ref,
    GITHUB_REF_NAME: job.ref.replace(/^refs\/(heads|tags)\//, ''),
    GITHUB_REPOSITORY: job.repository,
    GITHUB_REPOSITORY_OWNER: job.repository.split('/')[0] ?? '',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: job.runId,
    GITHUB_RUN_NUMBER: job.runNumber,
    GITHUB_SERVER_URL: job.serverUrl,
    GITHUB_SHA: job.sha ?? headOf(job.workspace),
    GITHUB_WORKFLOW: 'deploy',
    GITHUB_WORKSPACE: job.workspace,
    RUNNER_ARCH: arch().toUpperCase(),
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_NAME: 'local',
    RUNNER_OS: systems[platform()] ?? platform(),
    RUNNER_TEMP: folders.temporary,
    RUNNER_TOOL_CACHE: folders.toolCache,
  };
}

/** Puts folders before the PATH, the last one added first, as GITHUB_PATH does. */
export function prependPath(environment: Record<string, string>, added: string[]): Record<string, string> {
  if (added.length === 0) return environment;
  return { ...environment, PATH: [...added.toReversed(), environment.PATH ?? ''].join(delimiter) };
}
