import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError } from '../core/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Run } from '../run/index.ts';
import { explainBuild, isRemovedMeanwhile, withoutColours } from './build-log.ts';
import { buildWarnings, createBuildProgress, failedLine } from './build-progress.ts';
import type { Docker } from './docker.ts';
import { checkDocker, daemonUnreachable, decideBuilder, docker, isDaemonUnreachable } from './docker.ts';
import type { FoundIdentity, Identity } from './identity.ts';

/** What decides the command line of a build. */
export interface BuildRequest {
  inputs: Pick<Inputs, 'context' | 'dockerfile' | 'buildArguments' | 'target' | 'platform' | 'application'>;
  docker: Pick<Docker, 'clientVersion' | 'buildx' | 'platform'>;
  labels: Record<string, string>;
  /** Where the id of the image is to be written. */
  idFile: string;
}

/** Variables of the docker client itself: as build arguments they can't go by the environment. */
const ownVariables = /^(PATH|HOME|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|HTTPS?_PROXY|NO_PROXY)$/i;

/**
 * The command line and environment of a build. Only flags that every builder knows, so that no buildx is needed.
 * The value of a build argument goes by the environment, where other users of the machine can't read it.
 */
export function buildCommand({ inputs, docker, labels, idFile }: BuildRequest): {
  args: string[];
  env: Record<string, string>;
} {
  const env: Record<string, string> = {
    DOCKER_BUILDKIT: decideBuilder(docker),
    BUILDKIT_PROGRESS: 'plain',
    // An attestation would make the image an index, whose digest is not the image's.
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
  };
  // Without --force-rm the classic builder leaves the container of a step that failed; BuildKit takes the flag too.
  const args = ['build', '--force-rm', '--file', inputs.dockerfile, '--iidfile', idFile];
  if (docker.buildx) args.push('--load');
  if (inputs.target !== undefined) args.push('--target', inputs.target);
  // The engine's own needs no flag, and no other builder than the one that is there.
  if (inputs.platform !== undefined && inputs.platform !== docker.platform)
    args.push('--platform', inputs.platform);
  for (const [name, value] of Object.entries(labels)) args.push('--label', `${name}=${value}`);
  for (const argument of inputs.buildArguments) {
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    if (equals === -1 || ownVariables.test(name)) args.push('--build-arg', argument);
    else {
      env[name] = argument.slice(equals + 1);
      args.push('--build-arg', name);
    }
  }
  return { args: [...args, inputs.context], env };
}

/** The label with the digest of everything that an image was built from. */
export const inputsLabel = 'asg-deploy.build-inputs';
/** The label with the commit (OCI image specification, annotations). */
export const revisionLabel = 'org.opencontainers.image.revision';

/** The labels that say what an image was built from, and where that came from. */
export function imageLabels(
  { github }: Run,
  { commit, digest }: Pick<Identity, 'commit' | 'digest'>,
): Record<string, string> {
  const server = process.env.GITHUB_SERVER_URL ?? 'https://github.com';
  return {
    [inputsLabel]: digest,
    ...(commit !== '' && { [revisionLabel]: commit }),
    ...(github.repository !== '' && {
      'org.opencontainers.image.source': `${server}/${github.repository}`,
    }),
  };
}

/** Refuses a build that can't begin, before anything is touched. */
export async function checkBuildFiles({ context, dockerfile }: Inputs): Promise<void> {
  const [folder, file] = await Promise.all(
    [context, dockerfile].map((path) => stat(path).catch(() => undefined)),
  );
  const problem = !folder?.isDirectory()
    ? { what: `the build context ${context} is not a folder`, fix: 'context' }
    : !file?.isFile()
      ? { what: `there is no Dockerfile at ${dockerfile}`, fix: 'dockerfile' }
      : undefined;
  if (problem === undefined) return;
  throw new DeployError({
    reason: 'input-invalid',
    message: problem.what,
    left: 'Nothing was touched.',
    next: `check the input ${problem.fix}, and that actions/checkout ran before this step; or deploy an image that exists with the input image`,
  });
}

/**
 * Builds the image and shows the build's log.
 * @returns the id of the image in the daemon, "sha256:…"
 * @throws DeployError docker-unavailable, input-invalid (no Dockerfile), image-build with the failing step and what it wrote
 */
export async function buildImage(run: Run, identity: FoundIdentity): Promise<string> {
  await checkBuildFiles(run.inputs);
  const found = await checkDocker(run);
  const idFile = join(run.temporaryDirectory, 'image-id');
  const { args, env } = buildCommand({
    inputs: { ...run.inputs, platform: identity.platform },
    docker: found,
    labels: imageLabels(run, identity),
    idFile,
  });
  const { log, result } = await runBuildTwice(run, args, env);
  const file = run.inputs.dockerfile;
  for (const { text, line } of buildWarnings(log)) run.log.warning(`Dockerfile: ${text}`, { file, line });
  if (result.exitCode !== 0) throw buildFailure(log, result.exitCode, file);
  return (await readFile(idFile, 'utf8')).trim();
}

/** Again where Docker lost under its hands what it had built before: another job, or a clean-up, has removed it. */
async function runBuildTwice(...given: Parameters<typeof runBuild>): ReturnType<typeof runBuild> {
  const first = await runBuild(...given);
  if (first.result.exitCode === 0 || !isRemovedMeanwhile(first.log)) return first;
  const [run] = given;
  run.log.line('Image: somebody removed from Docker what this build had found there; building it again');
  return runBuild(...given);
}

/** Shows the steps that take time; the rest is for the debug log. */
async function runBuild(run: Run, args: string[], env: Record<string, string>) {
  const log: string[] = [];
  const progress = createBuildProgress();
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const show = (lines: string[]): void => lines.forEach((line) => run.log.line(line));
  let inNotice = false;
  const take = (line: string) => {
    const text = withoutColours(line);
    inNotice = isNotice(text, inNotice);
    if (inNotice || text === '') return;
    log.push(text);
    run.log.debug(text);
    show(progress.take(text, seconds()));
  };
  const ticking = setInterval(() => show(progress.tick(seconds())), 1000);
  try {
    const result = await docker(run, args, { env, onStdoutLine: take, onStderrLine: take });
    show(progress.end(seconds()));
    return { log, result };
  } finally {
    clearInterval(ticking);
  }
}

/**
 * Whether a line belongs to the classic builder's notice about itself, which is about our choice of builder and not
 * about the user's Dockerfile: from "DEPRECATED:" to the first line that is neither indented nor empty.
 */
export function isNotice(line: string, before: boolean): boolean {
  return line.startsWith('DEPRECATED: The legacy builder') || (before && /^( |$)/.test(line));
}

function buildFailure(log: readonly string[], exitCode: number, file: string): DeployError {
  const text = log.join('\n');
  if (isDaemonUnreachable(text)) return daemonUnreachable(text);
  const { step, message, lines } = explainBuild(log);
  const line = failedLine(log);
  return new DeployError({
    reason: 'image-build',
    message: `the image does not build: ${step === undefined ? message : `${step} failed`}`,
    evidence: [
      ...(lines.length > 0 ? [{ label: 'the step wrote last', text: lines.join('\n') }] : []),
      { label: 'docker said', text: message === '' ? `exit code ${exitCode}` : message },
    ],
    left: 'Nothing was pushed or deployed; the running version is untouched.',
    next: nextAfterBuild(text),
    ...(line !== undefined && { place: { file, line } }),
  });
}

function nextAfterBuild(log: string): string {
  if (/no space left on device/i.test(log))
    return 'free disk space on the runner (docker system prune) and run this job again';
  if (/exec format error/i.test(log))
    return "this runner can't run what it builds for another processor: run the job on one of that processor (ubuntu-24.04-arm), or docker/setup-qemu-action before this step";
  return 'correct the Dockerfile (docker build shows the same on your machine) and push the commit';
}
