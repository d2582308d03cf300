import type { ChildResult, Run } from '../run/index.ts';
import { diagnosticsOf } from './diagnostics.ts';
import type { Diagnostic, TerraformEvent } from './events.ts';

/** What a Terraform command that takes the lock came to. */
export interface Worked {
  events: TerraformEvent[];
  result: ChildResult;
}

/** So often Terraform is started for one lock. */
const attempts = 5;

/**
 * Runs a Terraform command anew that somebody released the lock to in the moment in which it was refused: Terraform asks who
 * has it, finds nobody, and gives up, however long -lock-timeout is. Nothing was done then.
 */
export async function untilLocked<T extends Worked>(
  { log, signal }: Pick<Run, 'log' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const worked = await work();
    const isReleased = diagnosticsOf(worked.events).errors.some(isReleasedLock);
    if (!isReleased || attempt === attempts || signal.aborted) return worked;
    log.line('The state lock was released just when Terraform looked who has it: asking for it again');
  }
}

/** Whether Terraform was refused the lock and found nobody who has it. Pure. */
export function isReleasedLock({ summary, detail = '' }: Diagnostic): boolean {
  return refusedByNobody.test(`${summary}\n${detail}`);
}

/** The backend's words for a lock that exists, without the block that says whose it is. */
export const refusedByNobody =
  /^Error acquiring the state lock(?![^]*Lock Info:)[^]*\b(ConditionalCheckFailedException|PreconditionFailed)\b/;
