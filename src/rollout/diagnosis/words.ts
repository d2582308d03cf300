import type { Evidence, TargetObservation } from '../model/index.ts';

/** What the load balancer says of a target; empty when that says nothing about why. */
export function targetText({ state, reason, description }: TargetObservation): string {
  // A target on its way out says nothing about why.
  if (state === 'healthy' || reason === 'Target.DeregistrationInProgress') return '';
  return [reason || state, description].filter(Boolean).join(': ');
}

/** "2 of 2 new instances" */
export function countOfNew(bad: number, total: number): string {
  return `${bad} of ${Math.max(bad, total)} new instance${Math.max(bad, total) === 1 ? '' : 's'}`;
}

/** "3 instances" */
export function instanceCount(instances: number): string {
  return `${instances} instance${instances === 1 ? '' : 's'}`;
}

/** "once", "3 times" */
export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** One line of evidence; none for an empty text. */
export function evidence(label: string, text: string): Evidence[] {
  return text === '' ? [] : [{ label, text }];
}
