import { courses } from './blue-green/courses.ts';
import { runCases } from './blue-green/cases.ts';
import { portOf } from './support/ports.ts';

/** Blue/green rollouts of simulated instances with made-up users, a hundred times as fast as real ones. */
runCases(portOf(import.meta.url), 10, { 'a blue/green rollout': courses });
