import { duration, type Image } from '../../core/index.ts';
import { blueGreenDefaults } from '../../inputs/index.ts';
import type { RolloutContext } from '../context/index.ts';
import { launchSeconds } from '../plan/index.ts';
import type { Forecast } from '../strategy/index.ts';
import { allSteps, type CourseRules } from './course.ts';
import { courseRules } from './course-rules.ts';
import { propagation } from './settle.ts';
import type { BlueGreenSnapshot } from './snapshot.ts';
import { stateWords } from './state.ts';

/** Seconds from a launch until its instance serves, on top of the launch. */
const checksSeconds = 30;

export interface ForecastInput {
  launch: number;
  /** Steps that are still to be taken, per cent; those below 100 are judged. */
  steps: readonly number[];
  stepTime: number;
  bake: number;
}

/** Seconds that a course takes, and what most of it is. Pure. */
export function forecastOf({ launch, steps, stepTime, bake }: ForecastInput): {
  seconds: number;
  mostly: string;
} {
  const judged = steps.filter((each) => each < 100).length;
  const parts = [
    { what: 'launching', seconds: launch },
    { what: 'judging the steps', seconds: judged * stepTime },
    { what: 'bake time', seconds: Math.max(bake, propagation) },
  ];
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  const longest = parts.toSorted((one, other) => other.seconds - one.seconds)[0];
  const mostly =
    longest === undefined || longest.what === 'launching' || longest.seconds * 2 < seconds
      ? ''
      : `${duration(longest.seconds)} are ${longest.what}`;
  return { seconds, mostly };
}

/** The steps that this run still takes, per cent: up to the place where a person is waited for, which is one. Pure. */
export function stepsAhead(
  rules: Pick<CourseRules, 'gradually' | 'steps' | 'pauseAt'>,
  weight: number,
): number[] {
  const { gradually, pauseAt } = rules;
  if (!gradually) return [100];
  // Who comes to the place to pause again, waits there again.
  const ahead = allSteps(rules).filter((each) => each > weight || each === pauseAt);
  const last = pauseAt === undefined || pauseAt < weight ? 100 : pauseAt;
  return ahead.filter((each) => each >= weight && each <= last);
}

/** Says what the course will be. */
export function announce(
  context: RolloutContext,
  snapshot: BlueGreenSnapshot,
  image: Image | undefined,
): Forecast {
  const { run, target } = context;
  const { route } = snapshot;
  const what = image ? ` (image ${image.digest.slice(0, 19)}…)` : '';
  run.log.line('Rollout forecast');
  run.log.line(`  template version ${target.previousVersion ?? 'none'} → ${target.version}${what}`);
  if (route.kind !== 'move') {
    run.log.line(`  ${stateWords(snapshot.fleets.state)}`);
    return { seconds: 0, mostly: '', atATime: 0, highestCapacity: 0 };
  }
  const { from, to, gradually } = route;
  const rules = courseRules(run.inputs, target.version, route);
  const { stepTime = blueGreenDefaults.stepTime } = run.inputs;
  const steps = stepsAhead(rules, to.weight);
  const isUp = to.version === target.version && to.serving > 0;
  const launch = isUp ? 0 : launchSeconds(snapshot) + checksSeconds;
  const isOver = steps.at(-1) === 100;
  const expected = forecastOf({ launch, steps, stepTime, bake: isOver ? rules.bakeTime : 0 });
  const size = Math.max(from.group.desired, to.group.desired);
  run.log.line(
    `  ${size} instance${size === 1 ? '' : 's'} in ${to.name}${isUp ? ', which are up,' : ''} beside those of ${from.name}; requests by steps: ${steps.join(' %, ')} %`,
  );
  const judged = steps.some((each) => each < 100) && stepTime > 0;
  if (judged)
    run.log.line(`  each step is judged for ${duration(stepTime)} against version ${from.version ?? '?'}`);
  if (rules.pauseAt !== undefined && gradually)
    run.log.line(`  ! at ${rules.pauseAt} % it waits for the command promote or abort`);
  run.log.line(
    `  about ${duration(expected.seconds)}${expected.mostly === '' ? '' : `, of which ${expected.mostly}`}; going back takes seconds until ${from.name} is emptied`,
  );
  return { ...expected, atATime: size, highestCapacity: from.staying + size };
}
