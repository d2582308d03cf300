import { active, others } from './fleet/others.ts';
import { calls, cancels } from './fleet/calls.ts';
import { runCases } from './fleet/cases.ts';
import { credentials } from './fleet/credentials.ts';
import { interruptions } from './fleet/interruptions.ts';
import { proxies } from './fleet/proxies.ts';
import { twoRuns } from './fleet/two-runs.ts';
import { portOf } from './support/ports.ts';

/** As fleet.test.ts: what others do to a rollout, and what becomes of its job. */
runCases(
  { port: portOf(import.meta.url), speed: 100, atOnce: 10 },
  {
    'a rollout beside another refresh': active,
    'a rollout that others disturb': others,
    'a rollout whose calls fail': calls,
    'a role that is assumed': credentials,
    'a job with a proxy': proxies,
    'a job that is cancelled': cancels,
    'a job that ends in the middle, and the next one': interruptions,
    'two runs of one environment': twoRuns,
  },
);
