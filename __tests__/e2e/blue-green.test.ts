import { courses } from './blue-green/courses.ts';
import { runCases } from './blue-green/cases.ts';
import { portOf } from './support/ports.ts';

/** Blue/green rollouts of simulated instances with made-up users, a hundred times as fast as real ones. */
runCases(
  // One per cent of them is too few to judge by for twenty seconds of a machine that may be busy.
  { port: portOf(import.meta.url), atOnce: 10, requestsPerSecond: 15 },
  { 'a blue/green rollout': courses },
);
