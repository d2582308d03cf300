import { runCases } from './blue-green/cases.ts';
import { interrupted } from './blue-green/interrupted.ts';
import { portOf } from './support/ports.ts';

/** As blue-green.test.ts: a job that ends in the middle of the rollout, and the next one. */
runCases(
  { port: portOf(import.meta.url), atOnce: 10 },
  { 'a blue/green rollout that is interrupted': interrupted },
);
