import { explainAwsError } from '../aws/index.ts';
import { adviceOn, denialIn, DeployError, fullStop } from '../core/index.ts';
import type { RunRecord } from './record.ts';
import { touchedByApply, whatWasLeft } from './record.ts';

/**
 * Whatever was thrown, as a failure that can be told: our own as they are, AWS's refusals explained, anything
 * else as `internal` with its message. What was left is added where the failure does not say it.
 */
export function failureOf(error: unknown, record: RunRecord): DeployError {
  const known =
    error instanceof DeployError ? error : (explainAwsError(error, record.region) ?? internal(error, record));
  const touched = touchedByApply(record);
  const denial = denialOf(known);
  if (known.left !== undefined && touched === '' && denial === undefined) return known;
  const { reason, message, evidence, cause, rollout, rollback } = known;
  const next = denial === undefined ? nextOf(known) : `${adviceOn(denial)}. Then run this job again`;
  return new DeployError({
    ...{ reason, message, evidence, cause },
    ...(rollout === undefined ? {} : { rollout }),
    ...(rollback === undefined ? {} : { rollback }),
    left:
      touched === '' ? whatWasLeft(record) : `${byTheRollout(known.left ?? whatWasLeft(record))} ${touched}`,
    ...(next === undefined ? {} : { next }),
  });
}

/** What the rollout says of itself, where the apply has done something as well. */
function byTheRollout(left: string): string {
  return fullStop(left.replace(/was (touched|replaced)(?= *([;.:]|$))/, 'was $1 by the rollout'));
}

/** Where IAM said no, that is what to mend, whatever failed for it. */
function denialOf({ message, evidence = [], cause }: DeployError): ReturnType<typeof denialIn> {
  const texts = [message, ...evidence.map(({ text }) => text), cause instanceof Error ? cause.message : ''];
  return texts.map(denialIn).find((one) => one !== undefined);
}

function nextOf({ next, reason }: DeployError): string | undefined {
  return (
    next ??
    (reason === 'cancelled' ? 'run this job again when you want it: it goes on from there' : undefined)
  );
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
