import { duration, mask, stopwatch } from '../../core/index.ts';
import {
  isComing,
  lifecycleMeaning,
  type NewInstance,
  type RolloutFacts,
  type RolloutProgress,
} from '../model/index.ts';
import { waitingFor } from '../verdict/index.ts';

/** What is remembered between two lines, so that only what changed is said. */
export interface ShownState {
  key: string;
  /** Launches that had failed. */
  failedLaunches: number;
  /** What AWS said of the last launch that failed. */
  launchFailure: string;
  states: ReadonlyMap<string, string>;
}

export const nothingShown: ShownState = {
  key: '',
  failedLaunches: 0,
  launchFailure: '',
  states: new Map(),
};

export interface ProgressInput {
  /** Seconds since the rollout began. */
  elapsed: number;
  /** undefined while instances come up without a rollout. */
  progress: RolloutProgress | undefined;
  facts: RolloutFacts;
  version: number;
  /** Seconds, when they can be estimated. */
  remaining: number | undefined;
  /** True for a rollout that goes back to the old version. */
  isRollback: boolean;
}

/** The line for a change, or undefined when nothing changed that a reader cares about. */
export function changeLine(
  input: ProgressInput,
  shown: ShownState,
): { line: string; shown: ShownState } | undefined {
  const { progress, facts } = input;
  const states = new Map(facts.instances.map((instance) => [instance.id, stateOf(instance)]));
  const serving = facts.instances.filter((instance) => instance.serving).length;
  const failedLaunches = facts.failedLaunches.length;
  const key = [
    progress?.words,
    progress?.percentageComplete,
    serving,
    failedLaunches,
    ...states.values(),
  ].join('|');
  if (key === shown.key) return undefined;
  const changed = facts.instances.filter(
    (instance) => states.get(instance.id) !== shown.states.get(instance.id),
  );
  const parts = [
    head(input, serving),
    changes(changed),
    isTurned(input) ? '' : launchFailures(facts, shown),
    left(input),
  ];
  const launchFailure = facts.failedLaunches[0]?.statusMessage ?? shown.launchFailure;
  return {
    line: parts.filter((part) => part !== '').join('   '),
    shown: { key, states, failedLaunches, launchFailure },
  };
}

/** The line that shows that somebody is still watching. */
export function heartbeatLine({ elapsed, progress, facts }: ProgressInput, quietSeconds: number): string {
  const waiting = waitingFor({ ...facts, statusReason: progress?.statusReason ?? facts.statusReason });
  return mask(
    `${time(elapsed)}${percent(progress)}  no change for ${duration(quietSeconds)}${waiting ? `: ${waiting}` : ''}`,
  );
}

function head(input: ProgressInput, serving: number): string {
  const { progress, facts, version, elapsed, isRollback } = input;
  const coming = progress === undefined || isComing(progress.stage);
  const words = coming ? (isRollback ? 'going back' : '') : progress.words;
  const status = words === '' ? '' : `${words}: `;
  return `${time(elapsed)}${percent(progress)}  ${status}${serving} of ${facts.desired} on version ${version}`;
}

function changes(changed: NewInstance[]): string {
  const byState = new Map<string, string[]>();
  for (const instance of changed) {
    const state = stateOf(instance);
    byState.set(state, [...(byState.get(state) ?? []), instance.id]);
  }
  return [...byState].map(([state, ids]) => `${named(ids)} ${state}`).join('; ');
}

/** Failed launches of a rollout that AWS has turned round were told when they happened. */
function isTurned({ progress, isRollback }: ProgressInput): boolean {
  return progress?.rollingBack === true && !isRollback;
}

/** Three by name are read; more are counted. */
function named(ids: string[]): string {
  return ids.length <= 3 ? ids.join(', ') : `${ids.length} instances`;
}

function launchFailures(facts: RolloutFacts, shown: ShownState): string {
  const failed = facts.failedLaunches.length;
  if (failed === 0 || failed === shown.failedLaunches) return '';
  const said = facts.failedLaunches[0]?.statusMessage ?? '';
  return mask(
    said === shown.launchFailure ? `${failed} launches failed like this so far` : `a launch failed: ${said}`,
  );
}

function left({ remaining, progress }: ProgressInput): string {
  if (remaining === undefined || remaining < 5) return '';
  // What ends early, or goes back, does not take the time that was estimated.
  if (progress && !['pending', 'replacing', 'launching', 'shifting', 'baking'].includes(progress.stage))
    return '';
  return `about ${duration(remaining)} left`;
}

const replacedBecause = {
  elb: 'it failed its health checks',
  ec2: 'it stopped running',
  user: 'it gave itself up',
} as const;

/** One word or two for where an instance stands. */
export function stateOf(instance: NewInstance): string {
  if (instance.marker?.outcome === 'failed') return 'failed to boot';
  if (instance.serving) return 'healthy';
  if (instance.lifecycleState === 'gone') return 'gone';
  if (instance.replacedFor) return `being replaced, ${replacedBecause[instance.replacedFor]}`;
  const { kind, words } = lifecycleMeaning(instance.lifecycleState);
  if (kind === 'serving') return instance.hasServed ? 'no longer healthy' : 'in service, not healthy yet';
  return words;
}

function time(elapsed: number): string {
  return stopwatch(elapsed).padStart(6);
}

function percent(progress: RolloutProgress | undefined): string {
  return progress ? `  ${String(progress.percentageComplete).padStart(3)} %` : '';
}
