import { active, others } from './fleet/others.ts';
import { calls, cancels } from './fleet/calls.ts';
import { runCases } from './fleet/cases.ts';
import { credentials } from './fleet/credentials.ts';
import { faults } from './fleet/faults.ts';
import { groupStates } from './fleet/group-states.ts';
import { interruptions } from './fleet/interruptions.ts';
import { pauses } from './fleet/paused.ts';
import { proxies } from './fleet/proxies.ts';
import { reachable } from './fleet/reachable.ts';
import { seen } from './fleet/seen.ts';
import { settings } from './fleet/settings.ts';
import { twoRuns } from './fleet/two-runs.ts';
import { portOf } from './support/ports.ts';

/** Small groups of simulated instances, a hundred times as fast as real ones, through the built action. */
runCases(
  { port: portOf(import.meta.url), speed: 100, atOnce: 12 },
  {
    'a rollout that meets a fault of its instances': faults,
    'a rollout with settings of its own': settings,
    'a rollout onto a group': groupStates,
    'a rollout with a smoke test': reachable,
    'a rollout that has to be seen': seen,
    'a rollout beside another refresh': active,
    'a rollout that others disturb': others,
    'a rollout whose calls fail': calls,
    'a role that is assumed': credentials,
    'a job with a proxy': proxies,
    'a job that is cancelled': cancels,
    'a job that ends in the middle, and the next one': interruptions,
    'a rollout that waits for a person': pauses,
    'two runs of one environment': twoRuns,
  },
);
