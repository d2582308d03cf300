import type { InstanceObservation } from './observations.ts';

/** True for an instance that is on its way out or gone: Terminating, Terminating:Wait, Terminated and the like. */
export function isTerminating({ lifecycleState }: Pick<InstanceObservation, 'lifecycleState'>): boolean {
  return lifecycleState.startsWith('Terminat');
}
