/**
 * An instance refresh, from Pending to its end. Each step looks at the group and does what may be done now; the
 * choice of instances is in refresh-set.ts.
 */
import { roomOnTop } from './capacity-range.ts';
import { replaceNext } from './refresh-set.ts';
import { progressOf, viewRefresh } from './refresh-view.ts';
import {
  activeRefresh,
  type Group,
  isPending,
  isTerminating,
  type Refresh,
  type RefreshStatus,
  type Step,
} from './state.ts';
import { statusReasons } from './texts.ts';

/** AWS gives up on a refresh that can't make progress for an hour. */
export const stallLimit = 3600 * 1000;
/** The longest that a refresh may replace instances. */
export const durationLimit = 14 * 24 * 3600 * 1000;

/** Moves the group's active refresh, if there is one, by one step. */
export function stepRefresh(step: Step, group: Group): void {
  const refresh = activeRefresh(group);
  if (refresh?.status === 'Pending') begin(refresh, step.now);
  switch (refresh?.status) {
    case 'InProgress':
    case 'RollbackInProgress':
      move(step, group, refresh);
      return;
    case 'Baking':
      bake(step, group, refresh);
      return;
    case 'Cancelling':
      finishCancelling(step, group, refresh);
      return;
    case 'Pending':
    case 'Successful':
    case 'Failed':
    case 'Cancelled':
    case 'RollbackFailed':
    case 'RollbackSuccessful':
    case undefined:
  }
}

function begin(refresh: Refresh, now: number): void {
  refresh.status = 'InProgress';
  refresh.startTime = now;
  refresh.progress = { best: 0, at: now };
}

function move(step: Step, group: Group, refresh: Refresh): void {
  const { now } = step;
  // A group that was scaled may have less room on top than when the set began: the rest waits for a later set. Assumed.
  refresh.outgoing.splice(roomOnTop(group.settings.desiredCapacity, refresh.preferences));
  const view = viewRefresh(step, group, refresh);
  const { completed } = updateNumbers(group, refresh, view);
  if (completed > refresh.progress.best) refresh.progress = { best: completed, at: now };
  if (watchAlarms(step, group, refresh)) return;
  if (group.suspended.has('InstanceRefresh')) {
    refresh.statusReason = statusReasons.suspended(['InstanceRefresh']);
    refresh.progress.at = now;
    return;
  }
  if (now - (refresh.startTime ?? now) > durationLimit) {
    fail(step, group, refresh, statusReasons.tooLong);
    return;
  }
  const outcome = replaceNext(step, group, { refresh, view, completed });
  if (outcome.reason === undefined) delete refresh.statusReason;
  else refresh.statusReason = outcome.reason;
  if (outcome.pausesStallClock) refresh.progress.at = now;
  if (outcome.finished) complete(step, group, refresh);
  else if (now - refresh.progress.at >= stallLimit) fail(step, group, refresh, statusReasons.stalled);
}

function updateNumbers(
  group: Group,
  refresh: Refresh,
  view: ReturnType<typeof viewRefresh>,
): { completed: number } {
  const progress = progressOf(group, refresh, view);
  refresh.percentageComplete = progress.percentageComplete;
  refresh.instancesToUpdate = progress.instancesToUpdate;
  return progress;
}

/**
 * ALARM ends the refresh; INSUFFICIENT_DATA holds it, and that the one-hour clock stands still meanwhile is assumed.
 * A rollback is not stopped by alarms (assumed: they are what it answers). @returns true when nothing else is to be
 * done in this step
 */
function watchAlarms(step: Step, group: Group, refresh: Refresh): boolean {
  if (refresh.status === 'RollbackInProgress') return false;
  for (const name of refresh.preferences.alarms) {
    const state = step.seen.alarm(name);
    if (state === 'ALARM') {
      fail(step, group, refresh, statusReasons.alarm(name));
      return true;
    }
    if (state === 'INSUFFICIENT_DATA') {
      refresh.statusReason = statusReasons.alarmUnknown(name);
      refresh.progress.at = step.now;
      return true;
    }
  }
  return false;
}

function bake(step: Step, group: Group, refresh: Refresh): void {
  updateNumbers(group, refresh, viewRefresh(step, group, refresh));
  if (watchAlarms(step, group, refresh)) return;
  refresh.statusReason = statusReasons.baking(refresh.bakeUntil ?? step.now);
  if (step.now >= (refresh.bakeUntil ?? 0)) succeed(step, group, refresh);
}

function complete(step: Step, group: Group, refresh: Refresh): void {
  if (refresh.status === 'RollbackInProgress') {
    end(refresh, step.now, 'RollbackSuccessful');
    return;
  }
  const bakeTime = refresh.preferences.bakeTime ?? 0;
  if (bakeTime === 0) {
    succeed(step, group, refresh);
    return;
  }
  refresh.status = 'Baking';
  refresh.bakeUntil = step.now + bakeTime * 1000;
  refresh.statusReason = statusReasons.baking(refresh.bakeUntil);
}

/** Only now does the group's saved configuration become the desired one. */
function succeed(step: Step, group: Group, refresh: Refresh): void {
  if (refresh.desiredConfiguration) group.settings.configuration = refresh.desiredConfiguration;
  end(refresh, step.now, 'Successful');
}

function fail(step: Step, group: Group, refresh: Refresh, reason: string): void {
  if (refresh.status === 'RollbackInProgress') end(refresh, step.now, 'RollbackFailed', reason);
  else if (refresh.preferences.autoRollback) beginRollback(group, refresh, step.now, reason);
  else end(refresh, step.now, 'Failed', reason);
}

function end(refresh: Refresh, now: number, status: RefreshStatus, reason?: string): void {
  refresh.status = status;
  refresh.endTime = now;
  refresh.outgoing = [];
  if (reason === undefined) delete refresh.statusReason;
  else refresh.statusReason = reason;
}

/** Turns a refresh round: what it replaced so far is replaced again, by the group's saved configuration. */
export function beginRollback(group: Group, refresh: Refresh, now: number, reason: string): void {
  refresh.rollback = {
    reason,
    startTime: now,
    percentageComplete: refresh.percentageComplete,
    instancesToUpdate: refresh.instancesToUpdate,
  };
  refresh.status = 'RollbackInProgress';
  refresh.startTime ??= now;
  refresh.statusReason = reason;
  refresh.outgoing = [];
  refresh.progress = { best: 0, at: now };
  group.retry = { failures: 0, notBefore: 0 };
}

/** Cancels a refresh or a rollback, waiting for launches and terminations under way or not. */
export function cancelRefresh(refresh: Refresh, now: number, wait: boolean): void {
  refresh.outgoing = [];
  if (!wait) {
    end(refresh, now, 'Cancelled', statusReasons.cancelledAtOnce);
    return;
  }
  refresh.status = 'Cancelling';
  refresh.statusReason = statusReasons.cancelled;
}

function finishCancelling(step: Step, group: Group, refresh: Refresh): void {
  const view = viewRefresh(step, group, refresh);
  updateNumbers(group, refresh, view);
  const moving = [...group.instances.values()].some(
    (instance) =>
      (isPending(instance) && instance.launchedBy?.refresh === refresh.id) || isTerminating(instance),
  );
  if (!moving) end(refresh, step.now, 'Cancelled', statusReasons.cancelled);
}
