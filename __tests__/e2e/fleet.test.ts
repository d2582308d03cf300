import { runCases } from './fleet/cases.ts';
import { faults } from './fleet/faults.ts';
import { groupStates } from './fleet/group-states.ts';
import { pauses } from './fleet/paused.ts';
import { reachable } from './fleet/reachable.ts';
import { seen } from './fleet/seen.ts';
import { settings } from './fleet/settings.ts';
import { portOf } from './support/ports.ts';

/** Small groups of simulated instances, a hundred times as fast as real ones, through the built action. */
runCases(
  { port: portOf(import.meta.url), speed: 100, atOnce: 10 },
  {
    'a rollout that meets a fault of its instances': faults,
    'a rollout with settings of its own': settings,
    'a rollout onto a group': groupStates,
    'a rollout with a smoke test': reachable,
    'a rollout that has to be seen': seen,
    'a rollout that waits for a person': pauses,
  },
);
