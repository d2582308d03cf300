import { explainAwsError } from '../aws/index.ts';
import { adviceOn, denialIn, DeployError, freeDisk, fullStop } from '../core/index.ts';
import type { Denial, FailureReason } from '../core/index.ts';
import type { RunRecord } from './record.ts';
import { touchedByApply, whatWasLeft } from './record.ts';

/**
 * Whatever was thrown, as a failure that can be told: our own as they are, AWS's refusals explained, anything
 * else as `internal` with its message. What was left is added where the failure does not say it.
 */
export function failureOf(error: unknown, record: RunRecord): DeployError {
  const known =
    error instanceof DeployError
      ? error
      : (diskFull(error) ?? explainAwsError(error, record.region) ?? internal(error, record));
  const touched = touchedByApply(record);
  const denial = denialOf(known);
  if (known.left !== undefined && touched === '' && denial === undefined) return known;
  const { reason, message, evidence, cause, rollout, rollback, place } = known;
  const next = nextOf(known, denial);
  return new DeployError({
    ...{ reason, message, evidence, cause },
    ...(rollout === undefined ? {} : { rollout }),
    ...(rollback === undefined ? {} : { rollback }),
    ...(place === undefined ? {} : { place }),
    left:
      touched === ''
        ? (known.left ?? whatWasLeft(record))
        : `${byTheRollout(known.left ?? whatWasLeft(record))} ${touched}`,
    ...(next === undefined ? {} : { next }),
  });
}

/** What the rollout says of itself, where the apply has done something as well. */
function byTheRollout(left: string): string {
  return fullStop(left.replace(/was (touched|replaced)(?= *([;.:]|$))/, 'was $1 by the rollout'));
}

/** Reasons whose evidence may quote what instances and their application said. */
const ofInstances = new Set<FailureReason>([
  ...(['launch-failed', 'boot-failed', 'targets-unhealthy', 'no-instances', 'smoke-test'] as const),
  ...(['unreachable', 'lifecycle-hook', 'alarm', 'rollout-stalled', 'rollback-failed'] as const),
  ...(['outdated-instances', 'timeout'] as const),
]);

/**
 * Where IAM said no to a call of this action, that is what to mend. Not what the application's own calls were told, nor
 * a role that could not be assumed: those are explained where they are known.
 */
function denialOf({ reason, message, evidence = [], cause }: DeployError): Denial | undefined {
  // A registry that is closed is opened by bootstrap's variables, which that failure names.
  if (ofInstances.has(reason) || reason === 'image-missing') return undefined;
  const texts = [message, ...evidence.map(({ text }) => text), cause instanceof Error ? cause.message : ''];
  const denial = texts.map(denialIn).find((one) => one !== undefined);
  return denial?.action.startsWith('sts:') === true ? undefined : denial;
}

function nextOf({ next, reason }: DeployError, denial: Denial | undefined): string | undefined {
  if (denial !== undefined) return `${adviceOn(denial)}. Then ${next ?? 'run this job again'}`;
  return (
    next ??
    (reason === 'cancelled' ? 'run this job again when you want it: it goes on from there' : undefined)
  );
}

/** This action writes little: where that fails, whatever comes next does as well. */
function diskFull(error: unknown): DeployError | undefined {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  return new DeployError({
    reason: 'internal',
    message: `the disk of this runner is full${path === undefined ? '' : `: ${path} can't be written`}`,
    next: freeDisk,
    cause: error,
  });
}

function internal(error: unknown, record: RunRecord): DeployError {
  const message = error instanceof Error ? error.message : String(error);
  const where = record.phase === undefined ? '' : ` in ${record.phase}`;
  return new DeployError({
    reason: 'internal',
    message: `something went wrong${where} that this action did not expect`,
    evidence: [{ label: error instanceof Error ? error.name : 'error', text: message }],
    next: 'run this job again; when it comes back, open an issue with the log of a run with debug logging on',
    cause: error,
  });
}
