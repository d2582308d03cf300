import { blueGreenDefaults, type Inputs } from '../../inputs/index.ts';
import type { CourseRules } from './course.ts';
import type { Route } from './state.ts';

/**
 * What the inputs ask of a course. Only the command promote passes the place where a person is waited for; whoever else
 * comes there waits again, for nobody can tell a rollout that paused from one that was killed there. Pure.
 */
export function courseRules(
  inputs: Inputs,
  version: number,
  { to, gradually }: Extract<Route, { kind: 'move' }>,
): CourseRules {
  const { command, trafficSteps, pauseAt, bakeTime, smokeTest } = inputs;
  const passed = command === 'promote' && pauseAt !== undefined && pauseAt <= to.weight;
  return {
    version,
    gradually,
    steps: trafficSteps ?? blueGreenDefaults.trafficSteps,
    pauseAt: passed ? undefined : pauseAt,
    preview: smokeTest !== undefined,
    bakeTime: gradually ? (bakeTime ?? 0) : 0,
  };
}
