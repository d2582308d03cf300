import { lifecycleMeaning } from './lifecycle-state.ts';
import type { InstanceObservation } from './observations.ts';

type WithState = Pick<InstanceObservation, 'lifecycleState'>;

/** Whether an instance is on its way out, or was kept from going: it counts for nothing any more. */
export function isTerminating({ lifecycleState }: WithState): boolean {
  return ['leaving', 'retained'].includes(lifecycleMeaning(lifecycleState).kind);
}

/** Whether the group's instance lifecycle policy keeps it for somebody to look after: it runs, and costs, until then. */
export function isRetained({ lifecycleState }: WithState): boolean {
  return lifecycleMeaning(lifecycleState).kind === 'retained';
}
