import { duration, stopwatch } from '../../core/index.ts';
import type { NewInstance, RolloutFacts } from '../model/index.ts';
import { mask } from '../../core/index.ts';
import type { RefreshObservation } from '../model/index.ts';
import { isTerminating, statusMeaning } from '../model/index.ts';
import { waitingFor } from '../verdict/index.ts';

/** The status that needs no word. */
const inProgress = statusMeaning('InProgress').words;

/** What is remembered between two lines, so that only what changed is said. */
export interface Shown {
  key: string;
  /** What AWS said of the last launch that failed. */
  launchFailure: string;
  states: ReadonlyMap<string, string>;
}

export const nothingShown: Shown = { key: '', launchFailure: '', states: new Map() };

export interface ProgressInput {
  elapsed: number;
  /** undefined while instances come up without a refresh. */
  refresh: RefreshObservation | undefined;
  facts: RolloutFacts;
  version: number;
  remaining: number | undefined;
  /** True for a refresh that goes back to the old version. */
  goingBack?: boolean;
}

/** The line for a change, or undefined when nothing changed that a reader cares about. */
export function changeLine(input: ProgressInput, shown: Shown): { line: string; shown: Shown } | undefined {
  const { refresh, facts } = input;
  const states = new Map(facts.instances.map((instance) => [instance.id, stateOf(instance)]));
  const serving = facts.instances.filter((instance) => instance.serving).length;
  const failures = facts.failedLaunches.length;
  const key = [refresh?.status, refresh?.percentageComplete, serving, failures, ...states.values()].join('|');
  if (key === shown.key) return undefined;
  const changed = facts.instances.filter(
    (instance) => states.get(instance.id) !== shown.states.get(instance.id),
  );
  const parts = [
    head(input, serving),
    changes(changed),
    turned(input) ? '' : launchFailures(facts, shown),
    left(input),
  ];
  const launchFailure = facts.failedLaunches[0]?.statusMessage ?? shown.launchFailure;
  return { line: parts.filter((part) => part !== '').join('   '), shown: { key, states, launchFailure } };
}

/** The line that shows that somebody is still watching. */
export function heartbeatLine({ elapsed, refresh, facts }: ProgressInput, quietSeconds: number): string {
  const waiting = waitingFor({ ...facts, statusReason: refresh?.statusReason ?? facts.statusReason });
  return mask(
    `${time(elapsed)}${percent(refresh)}  no change for ${duration(quietSeconds)}${waiting ? `: ${waiting}` : ''}`,
  );
}

function head(input: ProgressInput, serving: number): string {
  const { refresh, facts, version, elapsed, goingBack } = input;
  const meaning = refresh && statusMeaning(refresh.status);
  const words = goingBack && refresh?.status === 'InProgress' ? 'going back' : meaning?.words;
  const status = words !== undefined && words !== inProgress ? `${words}: ` : '';
  return `${time(elapsed)}${percent(refresh)}  ${status}${serving} of ${facts.desired} on version ${version}`;
}

function changes(changed: NewInstance[]): string {
  const byState = new Map<string, string[]>();
  for (const instance of changed) {
    const state = stateOf(instance);
    byState.set(state, [...(byState.get(state) ?? []), instance.id]);
  }
  return [...byState].map(([state, ids]) => `${named(ids)} ${state}`).join('; ');
}

/** Failed launches of a refresh that AWS has turned round were told when they happened. */
function turned({ refresh, goingBack }: ProgressInput): boolean {
  return refresh !== undefined && statusMeaning(refresh.status).rollingBack && goingBack !== true;
}

/** Three by name are read; more are counted. */
function named(ids: string[]): string {
  return ids.length <= 3 ? ids.join(', ') : `${ids.length} instances`;
}

function launchFailures(facts: RolloutFacts, shown: Shown): string {
  const [, , , before] = shown.key.split('|');
  const failed = facts.failedLaunches.length;
  if (failed === 0 || String(failed) === before) return '';
  const said = facts.failedLaunches[0]?.statusMessage ?? '';
  return mask(
    said === shown.launchFailure ? `${failed} launches failed like this so far` : `a launch failed: ${said}`,
  );
}

function left({ remaining, refresh }: ProgressInput): string {
  if (remaining === undefined || remaining < 5) return '';
  // What ends early, or goes back, does not take the time that was forecast.
  if (refresh && !['Pending', 'InProgress', 'Baking'].includes(refresh.status)) return '';
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
  if (isTerminating(instance)) return 'gone';
  if (instance.lifecycleState === 'Pending:Wait') return 'held by a launch hook';
  if (instance.lifecycleState === 'InService')
    return instance.hasServed ? 'no longer healthy' : 'in service, not healthy yet';
  return 'starting';
}

function time(elapsed: number): string {
  return stopwatch(elapsed).padStart(6);
}

function percent(refresh: RefreshObservation | undefined): string {
  return refresh ? `  ${String(refresh.percentageComplete).padStart(3)} %` : '';
}
