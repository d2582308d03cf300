/**
 * The replacement algorithm: which instances a refresh takes out and when it may go on. It works in sets, as AWS
 * describes it: a set is taken out (and, with a maximum, launched on top), and the next one waits until every new
 * instance is in service, healthy and warmed up, and every old one of the set is gone, deregistration delay included.
 */
import { capacityRange, replacementSet } from './capacity-range.ts';
import { beginTermination } from './lifecycle.ts';
import type { RefreshView } from './refresh-view.ts';
import { countsAsCapacity, type Group, type Instance, isPending, type Refresh, type Step } from './state.ts';
import { causes, statusReasons } from './texts.ts';

/** A refresh, and the group as it is to it at this moment. */
export interface Work {
  refresh: Refresh;
  view: RefreshView;
  /** Instances done: updated (or, in a rollback, restored), healthy and warmed up. */
  completed: number;
}

/** What a step came to. */
export interface Outcome {
  /** The status reason; undefined when nothing is waited for. */
  reason?: string;
  finished?: boolean;
  /** True where waiting is what was asked for (a checkpoint), not a lack of progress. */
  pausesStallClock?: boolean;
}

/** Does what may be done now, and says what is waited for. */
export function replaceNext(step: Step, group: Group, work: Work): Outcome {
  const { refresh, view } = work;
  const blockers = ['Launch', 'Terminate'].filter((process) => group.suspended.has(process));
  if (blockers.length > 0 && view.replaceable.length > 0)
    return { reason: statusReasons.suspended(blockers) };
  if (view.replaceable.length + view.blocked.length + view.standbyToTerminate.length === 0) {
    refresh.outgoing = [];
    if (isUntouched(group, work)) return { finished: true };
  }
  releaseOutgoing(step, group, work);
  const waiting = waitForSet(group, work);
  if (waiting !== undefined) return waiting;
  if (refresh.status !== 'RollbackInProgress') {
    const held = holdAtCheckpoint(step, work);
    if (held !== undefined) return held;
  }
  for (const instance of view.standbyToTerminate) takeOut(step, group, refresh, instance);
  if (view.replaceable.length === 0) return waitForBlocked(view);
  startSet(step, group, work);
  const [example] = view.replaceable;
  return example === undefined ? {} : { reason: statusReasons.remaining };
}

/** Skip matching found nothing to do: the refresh succeeds at once, whatever the state of the instances. */
const isUntouched = (group: Group, { refresh }: Work): boolean =>
  refresh.preferences.skipMatching &&
  refresh.status === 'InProgress' &&
  ![...group.instances.values()].some(
    ({ launchedBy, replacedBy }) => launchedBy?.refresh === refresh.id || replacedBy === refresh.id,
  );

/**
 * Launched first, terminated after: an old instance of the set goes when there is one more serving than desired, or,
 * once the whole set's replacements serve, when enough stay.
 */
function releaseOutgoing(step: Step, group: Group, { refresh, view }: Work): void {
  const replaceable = new Map(view.replaceable.map((instance) => [instance.id, instance]));
  const { desiredCapacity } = group.settings;
  refresh.outgoing = refresh.outgoing.filter((id) => replaceable.has(id));
  const complete = allServe(group, refresh, view);
  const floor = complete ? mustServe(group, refresh) : desiredCapacity;
  let serving = view.available.size;
  const staying: string[] = [];
  for (const id of refresh.outgoing) {
    const instance = replaceable.get(id);
    if (instance === undefined) continue;
    const cost = view.available.has(instance) ? 1 : 0;
    if (serving - cost >= floor || (cost === 0 && complete)) {
      serving -= cost;
      takeOut(step, group, refresh, instance);
      remove(view.replaceable, instance);
      view.leaving.push(instance);
    } else staying.push(id);
  }
  refresh.outgoing = staying;
}

/** True when everything that the set launched is there and serves. */
function allServe(group: Group, refresh: Refresh, view: RefreshView): boolean {
  const members = [...group.instances.values()].filter(countsAsCapacity);
  return (
    members.length >= group.settings.desiredCapacity + refresh.outgoing.length &&
    !members.some(isPending) &&
    view.updated.every((instance) => view.available.has(instance))
  );
}

function remove(instances: Instance[], instance: Instance): void {
  const index = instances.indexOf(instance);
  if (index >= 0) instances.splice(index, 1);
}

const mustServe = (group: Group, { preferences }: Refresh): number =>
  capacityRange(group.settings.desiredCapacity, preferences).least;

function takeOut(step: Step, group: Group, refresh: Refresh, instance: Instance): void {
  const cause = causes.refreshTerminated(step.now, instance.id);
  beginTermination(step, group, instance, { cause, replacedBy: refresh.id });
}

/** Undefined when the last set is wholly done. */
function waitForSet(group: Group, { refresh, view }: Work): Outcome | undefined {
  const members = [...group.instances.values()].filter(countsAsCapacity);
  const launching = members.find(isPending);
  if (launching) return { reason: statusReasons.insufficient(launching.id) };
  const behind = view.updated.find((instance) => !view.available.has(instance));
  if (behind) {
    const healthy = behind.health === 'Healthy' && behind.inServiceAt !== undefined;
    return { reason: healthy ? statusReasons.warming(behind.id) : statusReasons.remaining };
  }
  const missing = members.length < group.settings.desiredCapacity + refresh.outgoing.length;
  if (refresh.outgoing.length > 0 || view.leaving.length > 0 || missing) {
    return { reason: statusReasons.remaining };
  }
  return undefined;
}

/**
 * Waits where a checkpoint was reached; of several passed at once only the highest counts. Growing the group can
 * bring the percentage below a checkpoint, which then holds again. A last checkpoint below 100 ends the refresh, after
 * its delay (that the delay runs there too is assumed).
 */
function holdAtCheckpoint(step: Step, { refresh, view, completed }: Work): Outcome | undefined {
  const { checkpointPercentages: marks, checkpointDelay = 3600 } = refresh.preferences;
  if (marks.length === 0 || view.total === 0) return undefined;
  const percentage = (100 * completed) / view.total;
  const reached = marks.findLast((mark) => mark <= percentage) ?? 0;
  const { checkpoint } = refresh;
  if (reached !== checkpoint.reached) {
    const announce = reached > checkpoint.reached && reached < 100;
    checkpoint.waitUntil = announce ? step.now + checkpointDelay * 1000 : 0;
    checkpoint.reached = reached;
  }
  if (step.now < checkpoint.waitUntil) {
    return { reason: statusReasons.checkpoint(reached, checkpoint.waitUntil), pausesStallClock: true };
  }
  return reached > 0 && reached === marks.at(-1) && reached < 100 ? { finished: true } : undefined;
}

function waitForBlocked({ blocked }: RefreshView): Outcome {
  const [instance] = blocked;
  if (instance === undefined) return { finished: true };
  const reason = countsAsCapacity(instance)
    ? statusReasons.protected(instance.id)
    : statusReasons.standby(instance.id);
  return { reason };
}

/** Takes the next set out, or launches on top first, as the healthy percentages allow. */
function startSet(step: Step, group: Group, work: Work): void {
  const { refresh, view } = work;
  const { preferences } = refresh;
  const remaining = Math.min(view.replaceable.length, untilCheckpoint(work));
  const { leaveNow, comeOnTop } = replacementSet(group.settings.desiredCapacity, preferences, remaining);
  const chosen = view.replaceable.slice(0, leaveNow + comeOnTop);
  const floor = mustServe(group, refresh);
  let serving = view.available.size;
  let taken = 0;
  for (const instance of chosen.slice(0, leaveNow)) {
    const cost = view.available.has(instance) ? 1 : 0;
    const atLeastOne = preferences.maxHealthyPercentage === null && taken === 0;
    if (cost > 0 && serving - cost < floor && !atLeastOne) continue;
    serving -= cost;
    taken += 1;
    takeOut(step, group, refresh, instance);
  }
  refresh.outgoing = chosen.slice(leaveNow).map((instance) => instance.id);
  const launches = taken + refresh.outgoing.length;
  group.launchReasons.push(...Array.from({ length: launches }, () => 'refresh' as const));
}

/** Instances to replace until the next checkpoint: a set stops there, and replaces fewer for it. */
function untilCheckpoint({ refresh, view, completed }: Work): number {
  if (refresh.status === 'RollbackInProgress') return Infinity;
  const { checkpoint, preferences } = refresh;
  const next = preferences.checkpointPercentages.find((mark) => mark > checkpoint.reached);
  return next === undefined ? Infinity : Math.max(1, Math.ceil((view.total * next) / 100) - completed);
}
