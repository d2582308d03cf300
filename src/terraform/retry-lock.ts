import type { ChildResult, Run } from '../run/index.ts';
import { diagnosticsOf } from './diagnostics.ts';
import type { Diagnostic, TerraformEvent } from './events.ts';

/** What a Terraform command that takes the lock of the state came to. */
export interface TerraformRun {
  events: TerraformEvent[];
  result: ChildResult;
}

/** So often Terraform is started for one lock. */
const attempts = 5;

/**
 * Repeats a Terraform command that was refused the state lock just before its holder released it: Terraform asks who has
 * it, finds nobody, and gives up at once, whatever -lock-timeout says. Nothing was done then.
 *
 * @param work is given the seconds that are left to wait for the lock
 */
export async function retryReleasedLock<T extends TerraformRun>(
  { log, signal, inputs }: Pick<Run, 'log' | 'signal' | 'inputs'>,
  work: (lockTimeout: number) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const waited = Math.floor((performance.now() - began) / 1000);
    const run = await work(Math.max(0, inputs.lockTimeout - waited));
    const isReleased = diagnosticsOf(run.events).errors.some(isReleasedLock);
    if (!isReleased || attempt === attempts || signal.aborted) return run;
    log.line('The state lock was released just when Terraform looked who has it: asking for it again');
  }
}

/** Whether Terraform was refused the lock and then found nobody who has it. Pure. */
export function isReleasedLock({ summary, detail = '' }: Diagnostic): boolean {
  return lockHolderGone.test(`${summary}\n${detail}`);
}

/**
 * The backend's words for a lock that exists, or that is being deleted, and then for one that does not: S3 has no such
 * object, DynamoDB an item without text.
 */
export const lockHolderGone =
  /^Error acquiring the state lock(?![^]*(?:Lock Info:|failed to clean up))(?=[^]*\b(?:ConditionalCheckFailedException|PreconditionFailed|ConditionalRequestConflict)\b)[^]*(?:\bNoSuchKey\b|StatusCode: 404\b|unexpected end of JSON input)/m;
