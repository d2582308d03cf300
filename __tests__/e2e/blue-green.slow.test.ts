import { thousand } from './blue-green/courses.ts';
import { runCases } from './blue-green/cases.ts';
import { rarer } from './blue-green/interrupted.ts';
import { portOf } from './support/ports.ts';

/** What takes minutes of a machine's time: a thousand simulated instances, and states that a course is seldom in. */
runCases(
  { port: portOf(import.meta.url), atOnce: 4 },
  {
    'a blue/green rollout of a thousand instances': thousand,
    'a blue/green rollout that is interrupted in a state that it is seldom in': rarer,
  },
);
