import type { Backend } from '../core/index.ts';
import { DeployError, duration } from '../core/index.ts';
import { releaseCommand } from '../state-backend/index.ts';
import type { Diagnostic } from './events.ts';

/** What Terraform writes about a held lock. */
export interface LockInfo {
  id: string;
  /** "OperationTypeApply" and the like. */
  operation: string;
  /** user@host */
  who: string;
  version: string;
  /** undefined when the time was not readable. */
  created: Date | undefined;
}

/** The `Lock Info:` block of a diagnostic's detail, or undefined where there is none. */
export function parseLockInfo(detail: string): LockInfo | undefined {
  const block = detail.split('Lock Info:')[1];
  if (block === undefined) return undefined;
  const field = (name: string) => {
    const line = block.split('\n').find((text) => text.trim().startsWith(`${name}:`));
    return line === undefined ? '' : line.slice(line.indexOf(':') + 1).trim();
  };
  const id = field('ID');
  if (id === '') return undefined;
  return {
    id,
    operation: field('Operation'),
    who: field('Who'),
    version: field('Version'),
    created: parseGoTime(field('Created')),
  };
}

/** Go's default time format, "2026-11-22 20:11:12.345678901 +0000 UTC". */
function parseGoTime(text: string): Date | undefined {
  const match = /^(\S+) (\d\d:\d\d:\d\d)\S* ([+-]\d\d)(\d\d)/.exec(text);
  if (!match) return undefined;
  const [, day, time, hours, minutes] = match;
  const date = new Date(`${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** True for the errors with which Terraform says that the state is locked by someone. */
export function isLockFailure({ summary, detail = '' }: Diagnostic): boolean {
  return summary.startsWith('Error acquiring the state lock') && detail.includes('Lock Info:');
}

/** A machine, and when a job began there. */
export interface Here {
  who: string;
  since: Date;
}

/** Terraform writes whole seconds in some versions. */
function isFrom({ who, since }: Here, lock: LockInfo | undefined): boolean {
  return lock?.who === who && lock.created !== undefined && lock.created.getTime() >= since.getTime() - 1000;
}

/**
 * The failure for a held lock. The lock is never released here: only a person can know that its owner is dead.
 * @param waited seconds that Terraform waited for it
 * @param here who Terraform says that it is on this machine, and when this job began: where both fit, the lock may be of
 *   this very job. A request for it whose answer was lost is repeated, and then refused for what it did itself.
 */
export function lockFailure(
  diagnostic: Diagnostic,
  backend: Backend,
  stateKey: string,
  { waited, now, region, here }: { waited: number; now: Date; region: string; here: Here },
): DeployError {
  const lock = parseLockInfo(diagnostic.detail ?? '');
  const age =
    lock?.created === undefined
      ? undefined
      : Math.max(0, Math.round((now.getTime() - lock.created.getTime()) / 1000));
  const operation = lock?.operation.replace(/^OperationType/, '').toLowerCase();
  const since = age === undefined ? 'an unknown time' : duration(age);
  return new DeployError({
    reason: 'state-locked',
    message: `the Terraform state is locked by ${lock?.who ?? 'someone'}, for ${since}, for ${operation ?? 'an unknown operation'}`,
    evidence: [
      { label: 'state', text: `s3://${backend.bucket}/${stateKey}` },
      {
        label: 'lock',
        text: `${lock?.id ?? 'unknown id'}, taken ${lock?.created?.toISOString() ?? 'at an unknown time'} by Terraform ${lock?.version ?? ''}`.trim(),
      },
      { label: 'waited', text: duration(waited) },
    ],
    left: 'Nothing was touched, and the lock was left alone.',
    next: releaseAdvice(backend, stateKey, { id: lock?.id, region, ofThisJob: isFrom(here, lock) }),
    cause: diagnostic,
  });
}

function releaseAdvice(
  backend: Backend,
  stateKey: string,
  lock: { id: string | undefined; region: string; ofThisJob: boolean },
): string {
  if (lock.ofThisJob)
    return [
      'it bears the name of this machine, and was taken since this job began: where no other job works on this state here, it is of this one, which asked for it and got no answer, and nobody will release it.',
      'Then release it in the Terraform folder, and run this job again:',
      releaseCommand(backend, stateKey, lock),
    ].join(' ');
  return [
    'wait for the other run to end and run this job again (a longer lock-timeout waits by itself).',
    'Only if its owner is dead for certain, release it in the Terraform folder:',
    releaseCommand(backend, stateKey, lock),
  ].join(' ');
}
