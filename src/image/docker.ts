import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError } from '../core/index.ts';
import type { ChildOptions, ChildResult, Run } from '../run/index.ts';
import { runChild, runCommand } from '../run/index.ts';

/** What the machine's Docker can do. */
export interface Docker {
  clientVersion: string;
  serverVersion: string;
  /** What it builds for when it is not told: linux/amd64. */
  platform: string;
  buildx: boolean;
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Runs a docker command that takes its time (build, push, pull) or a password, without showing its output. */
export function docker(run: Run, args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  return runChild(run, 'docker', args, { silent: true, ...options });
}

/** Runs a docker command that only looks, or sets a name. */
export function askDocker(
  run: Run,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<ChildResult> {
  return runCommand(run, 'docker', args, { env });
}

/**
 * Looks for the Docker client, its daemon, and buildx.
 * @throws DeployError docker-unavailable
 */
export async function checkDocker(run: Run): Promise<Docker> {
  let version: ChildResult;
  try {
    version = await askDocker(run, ['version', '--format', '{{json .}}']);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new DeployError({
      reason: 'docker-unavailable',
      message: 'there is no docker command on the PATH to build the image with',
      left: 'Nothing was touched.',
      next: 'run on a runner that has Docker (ubuntu-latest has), install it, or deploy an image that exists with the input image',
      cause,
    });
  }
  const { client, server, platform } = parseVersions(version.stdout);
  if (version.exitCode !== 0 || server === undefined) throw daemonUnreachable(version.stderr);
  const buildx = await askDocker(run, ['buildx', 'version']);
  return { clientVersion: client ?? '', serverVersion: server, platform, buildx: buildx.exitCode === 0 };
}

function parseVersions(stdout: string): { client?: string; server?: string; platform: string } {
  try {
    const parsed = JSON.parse(stdout) as {
      Client?: { Version?: string };
      Server?: { Version?: string; Os?: string; Arch?: string } | null;
    };
    const { Os = 'linux', Arch = '' } = parsed.Server ?? {};
    return {
      platform: `${Os}/${Arch}`,
      ...(parsed.Client?.Version !== undefined && { client: parsed.Client.Version }),
      ...(parsed.Server?.Version !== undefined && { server: parsed.Server.Version }),
    };
  } catch {
    return { platform: '' };
  }
}

/** True for what the client says when it gets no answer from the daemon. */
export function isDaemonUnreachable(text: string): boolean {
  return /Cannot connect to the Docker daemon|error during connect|permission denied while trying to connect|Is the docker daemon running/i.test(
    text,
  );
}

export function daemonUnreachable(stderr: string): DeployError {
  const denied = /permission denied/i.test(stderr);
  return new DeployError({
    reason: 'docker-unavailable',
    message: denied
      ? 'the Docker daemon is there, but this user may not use it'
      : 'the Docker daemon does not answer',
    evidence: stderr.trim() === '' ? [] : [{ label: 'docker said', text: stderr.trim() }],
    left: 'Nothing was pushed or deployed.',
    next: denied
      ? "add the runner's user to the group docker, then run this job again"
      : 'start it (systemctl start docker, or Docker Desktop) and see that docker version answers; DOCKER_HOST must name it if it is elsewhere',
  });
}

/**
 * Which builder `docker build` has to use, as the value for DOCKER_BUILDKIT. A client of version 23 or later runs
 * BuildKit through buildx only and fails when it is asked for it without; an older one speaks to the daemon's own.
 */
export function decideBuilder({
  clientVersion,
  buildx,
}: Pick<Docker, 'clientVersion' | 'buildx'>): '0' | '1' {
  const major = Number(clientVersion.split('.')[0]);
  if (buildx) return '1';
  return Number.isFinite(major) && major >= 19 && major < 23 ? '1' : '0';
}

/**
 * Gives `work` a Docker configuration of its own that is logged in to the registry, and removes it afterwards.
 * The password goes in by stdin; no credential helper of the machine is asked to keep it.
 * @throws DeployError image-push when the registry refuses the login
 */
export async function withLogin<T>(
  run: Run,
  host: string,
  login: { username: string; password: string },
  work: (environment: Record<string, string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(run.temporaryDirectory, 'docker-'));
  try {
    // An entry makes docker keep the password in this file and not look for a credential helper.
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: {} } }), { mode: 0o600 });
    const environment = { DOCKER_CONFIG: folder, ...(await daemonAddress(run)) };
    const { exitCode, stderr } = await docker(
      run,
      ['login', '--username', login.username, '--password-stdin', host],
      { stdin: login.password, env: environment },
    );
    if (exitCode !== 0) {
      if (isDaemonUnreachable(stderr)) throw daemonUnreachable(stderr);
      throw new DeployError({
        reason: 'image-push',
        message: `the registry ${host} refuses the login`,
        evidence: [{ label: 'docker said', text: stderr.trim() }],
        left: 'Nothing was pushed or deployed.',
        next: 'see that this machine reaches the registry and that the role may call ecr:GetAuthorizationToken',
      });
    }
    return await work(environment);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A configuration of its own has no contexts: the daemon that the user's context names is given by address. */
async function daemonAddress(run: Run): Promise<Record<string, string>> {
  if ((process.env.DOCKER_HOST ?? '') !== '') return {};
  const { exitCode, stdout } = await askDocker(run, [
    'context',
    'inspect',
    '--format',
    '{{.Endpoints.docker.Host}}',
  ]);
  const host = stdout.trim();
  return exitCode === 0 && /^(unix|tcp|npipe|ssh|fd):/.test(host) ? { DOCKER_HOST: host } : {};
}
