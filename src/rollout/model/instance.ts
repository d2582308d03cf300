import type { InstanceObservation } from './observations.ts';

/** Whether an instance is on its way out: it counts for nothing any more (AutoScaling API, LifecycleState). */
export function isTerminating({ lifecycleState }: Pick<InstanceObservation, 'lifecycleState'>): boolean {
  return lifecycleState.startsWith('Terminat');
}
