import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { askDocker, daemonUnreachable, docker, isDaemonUnreachable } from './docker.ts';
import { createPushProgress, pushHeartbeatSeconds } from './push-progress.ts';

export type PushOutcome = { digest: string | undefined } | { refused: 'immutable' };

const attempts = 3;
const pause = 3_000;

/** What went wrong with a push, from what docker wrote last. */
export function evaluatePush(output: string): {
  kind: 'immutable' | 'transient' | 'final';
  line: string;
  next: string;
} {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line = (lines.at(-1) ?? 'docker push said nothing').trim();
  if (/tag .*(already exists|immutable)|immutable/i.test(line)) return { kind: 'immutable', line, next: '' };
  if (/denied|not authorized|no basic auth credentials|unauthorized|403/i.test(line)) {
    return {
      kind: 'final',
      line,
      next: 'allow the role to push: ecr:BatchCheckLayerAvailability, InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload and PutImage on the repository',
    };
  }
  if (/name unknown|does not exist|404/i.test(line))
    return { kind: 'final', line, next: 'run this job again: it makes the repository when it is missing' };
  const transient =
    /timeout|timed out|connection (reset|refused)|EOF|broken pipe|TLS handshake|5\d\d |temporar|too ?many ?requests|no route|blob upload/i;
  return {
    kind: transient.test(line) ? 'transient' : 'final',
    line,
    next: 'see that this machine reaches the registry, then run this job again',
  };
}

/** The digest in docker's last line of a push: "<tag>: digest: sha256:… size: 1234". */
export function pushedDigest(output: string): string | undefined {
  return /digest: (sha256:[0-9a-f]{64})/.exec(output)?.[1];
}

/**
 * Tags the local image and pushes it, again when the network fails. An immutable tag that exists is an outcome, not
 * an error: the caller knows what it means.
 * @throws DeployError image-push with the registry's own reason, docker-unavailable where the daemon ended meanwhile
 */
export async function pushTag(
  run: Run,
  imageId: string,
  target: { repository: string; tag: string },
  environment: Record<string, string>,
): Promise<PushOutcome> {
  const reference = `${target.repository}:${target.tag}`;
  const tagged = await askDocker(run, ['tag', imageId, reference], environment);
  if (tagged.exitCode !== 0) throw pushFailure(reference, tagged.stderr.trim(), 'run this job again');
  for (let attempt = 1; ; attempt += 1) {
    const result = await push(run, reference, environment);
    if (result.exitCode === 0) return { digest: pushedDigest(result.stdout) };
    const { kind, line, next } = evaluatePush(`${result.stdout}\n${result.stderr}`);
    // Not the registry, which the daemon speaks to: the daemon itself is gone.
    if (isDaemonUnreachable(line)) throw daemonUnreachable(line);
    if (kind === 'immutable') return { refused: 'immutable' };
    if (kind === 'final' || attempt >= attempts) throw pushFailure(reference, line, next);
    run.log.line(`  the push of ${reference} was cut off (${line}); once more`);
    await sleep(pause * attempt, undefined, { signal: run.signal });
  }
}

/** A push may take minutes, and says nothing without a terminal but that a layer is there. */
async function push(run: Run, reference: string, env: Record<string, string>) {
  const progress = createPushProgress();
  const began = performance.now();
  const ticking = setInterval(
    () => run.log.line(progress.line((performance.now() - began) / 1000)),
    pushHeartbeatSeconds * 1000,
  );
  try {
    return await docker(run, ['push', reference], { env, onStdoutLine: progress.take });
  } finally {
    clearInterval(ticking);
  }
}

export function pushFailure(reference: string, line: string, next: string): DeployError {
  return new DeployError({
    reason: 'image-push',
    message: `the registry did not take ${reference}: ${line}`,
    left: 'Nothing was deployed; the running version is untouched.',
    next,
  });
}
