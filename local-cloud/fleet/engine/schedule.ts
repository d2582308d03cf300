/** Scheduled actions at work: sizes that a group gets at a time, once or again and again. */
import { nextOccurrence, parseRecurrence } from './recurrence.ts';
import type { Group, ScheduledAction, Step } from './state.ts';
import { causes } from './texts.ts';

/**
 * When an action is due next, after a moment; undefined when it never is again.
 * Documented: with a recurrence, StartTime and EndTime are its bounds, and it runs at StartTime too.
 */
export function nextRun(action: Omit<ScheduledAction, 'nextAt'>, after: number): number | undefined {
  const { startTime, endTime = Infinity, recurrence, timeZone = 'Etc/UTC' } = action;
  if (startTime !== undefined && startTime > after) return startTime;
  const parsed = recurrence === undefined ? undefined : parseRecurrence(recurrence);
  const next = parsed && nextOccurrence(parsed, timeZone, after);
  return next !== undefined && next <= endTime ? next : undefined;
}

/**
 * Carries out what is due; an action that will not be due again is gone. Assumed: what is missed while the process is
 * suspended is not made up for, and a desired capacity outside of the new bounds is moved into them.
 */
export function runSchedules(step: Step, group: Group): void {
  for (const action of group.scheduled.values()) {
    if (action.nextAt > step.now) continue;
    if (!group.suspended.has('ScheduledActions')) resize(step, group, action);
    const nextAt = nextRun(action, step.now);
    if (nextAt === undefined) group.scheduled.delete(action.name);
    else action.nextAt = nextAt;
  }
}

function resize(step: Step, group: Group, action: ScheduledAction): void {
  const from = group.settings.desiredCapacity;
  const min = action.minSize ?? group.settings.minSize;
  const max = action.maxSize ?? group.settings.maxSize;
  const desired = Math.min(Math.max(action.desiredCapacity ?? from, min), max);
  if (min > max) return;
  Object.assign(group.settings, { minSize: min, maxSize: max, desiredCapacity: desired });
  if (desired !== from) group.capacityCause = causes.scheduled(step.now, { min, max, desired, from });
}
