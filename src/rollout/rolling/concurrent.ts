import { DeployError } from '../../core/index.ts';
import { duration, stopwatch } from '../../core/index.ts';
import { ifPossible, patiently, type RolloutContext } from '../context/index.ts';
import { isAwsError } from '../../core/index.ts';
import { nextPoll, remainingSeconds } from '../monitor/index.ts';
import { lookForGroup } from '../monitor/index.ts';
import type { RefreshObservation, RolloutTarget } from '../model/index.ts';
import { isActive, statusMeaning } from '../model/index.ts';

/** Seconds assumed for a refresh that somebody else started. */
const assumedSeconds = 600;
/** Seconds assumed for a cancellation: the run that it is taken from must not come first when it is over. */
const cancelSeconds = 60;
const heartbeatSeconds = 60;

/** Whether a refresh moves the group to this very template version. */
export function hasTarget(
  { target }: RefreshObservation,
  wanted: Pick<RolloutTarget, 'templateId' | 'version'>,
): boolean {
  return (
    target?.version === String(wanted.version) &&
    (target.templateId === '' || target.templateId === wanted.templateId)
  );
}

/**
 * Does with somebody else's active refresh what on-active-refresh says.
 *
 * @returns the refresh when it was adopted; undefined when the way is free and the group has to be looked at again.
 * @throws DeployError `refresh-active` when it is not to be touched, or is not over in time.
 */
export async function settleActive(
  context: RolloutContext,
  active: RefreshObservation,
): Promise<RefreshObservation | undefined> {
  const { run, target } = context;
  const policy = run.inputs.onActiveRefresh;
  const says = `instance refresh ${active.id} is ${statusMeaning(active.status).words} (${active.percentageComplete} %)`;
  switch (policy) {
    case 'fail':
      throw inTheWay(
        context,
        active,
        'set on-active-refresh to wait, adopt or replace, or run this job again later',
      );
    case 'adopt':
      if (hasTarget(active, target) && !['Cancelling', 'RollbackInProgress'].includes(active.status)) {
        run.log.line(`${says} and brings the same version: watching that one`);
        return active;
      }
      throw inTheWay(
        context,
        active,
        hasTarget(active, target)
          ? 'it brings this version no longer; set on-active-refresh to wait, or run this job again later'
          : 'it brings another version; set on-active-refresh to wait or replace',
      );
    case 'replace':
      run.log.line(`${says}: cancelling it, as on-active-refresh says`);
      await cancelActive(context, active);
      await waitUntilOver(context, active, cancelSeconds);
      return undefined;
    case 'wait':
      run.log.line(`${says}: waiting for it to end`);
      await waitUntilOver(context, active, assumedSeconds);
      return undefined;
  }
}

async function cancelActive(context: RolloutContext, active: RefreshObservation): Promise<void> {
  if (active.status === 'Cancelling') return;
  try {
    await patiently(context, 'cancel the instance refresh', () => context.api.cancel(context.group));
  } catch (error) {
    // It ended by itself in between.
    if (!isAwsError(error, 'ActiveInstanceRefreshNotFound')) throw error;
  }
}

/** Waits until a refresh is no longer active; heeds the job's cancellation and the rollout's deadline. */
async function waitUntilOver(
  context: RolloutContext,
  active: RefreshObservation,
  expected: number,
): Promise<void> {
  const { api, clock, run } = context;
  const began = clock.now();
  let saidAt = began;
  let last = active;
  for (;;) {
    throwIfCancelled(context);
    const seen = await ifPossible(context, 'see the active refresh', () =>
      api.refresh(context.group, active.id),
    );
    // What is done about a group that is gone is decided by who looks at it next.
    if (!seen && (await lookForGroup(context)).gone) return;
    last = seen ?? last;
    if (!isActive(last)) {
      run.log.line(`instance refresh ${active.id} is over: ${statusMeaning(last.status).words}`);
      return;
    }
    const now = clock.now();
    if (now >= context.deadline)
      throw inTheWay(
        context,
        last,
        'run this job again when it is over, or set on-active-refresh to replace',
      );
    if (now - saidAt >= heartbeatSeconds) {
      saidAt = now;
      run.log.line(
        `${stopwatch(now - began).padStart(6)}  still waiting: ${last.id} is ${statusMeaning(last.status).words}, ${last.percentageComplete} %`,
      );
    }
    await clock.sleep(nextPoll(now - began, last.percentageComplete, expected), run.signal);
  }
}

/** @throws what cancelled the job, saying that nothing of the group was touched. */
export function throwIfCancelled({ run, group }: RolloutContext): void {
  if (!run.signal.aborted) return;
  const reason: unknown = run.signal.reason;
  throw new DeployError({
    reason: 'cancelled',
    message: reason instanceof DeployError ? reason.message : 'the job was cancelled',
    left: `the rollout had not begun: no instance of ${group} was touched`,
    next: 'run this job again when the version should go out',
    cause: reason,
  });
}

function inTheWay(context: RolloutContext, active: RefreshObservation, next: string): DeployError {
  const { clock, target } = context;
  const begun = active.startTime ? (Date.now() - active.startTime.getTime()) / 1000 : 0;
  const remaining = remainingSeconds(begun, active.percentageComplete, assumedSeconds);
  const brings = active.target ? `, to version ${active.target.version}` : '';
  return new DeployError({
    reason: 'refresh-active',
    message: `another instance refresh of ${context.group} is ${statusMeaning(active.status).words}`,
    evidence: [
      { label: 'instance refresh', text: `${active.id}${brings}, ${active.percentageComplete} %` },
      ...(active.statusReason ? [{ label: 'what AWS said', text: active.statusReason }] : []),
      ...(active.percentageComplete > 0
        ? [{ label: 'time left', text: `about ${duration(remaining)}` }]
        : []),
      ...(clock.now() >= context.deadline
        ? [{ label: 'waited', text: duration(clock.now() - context.startedAt) }]
        : []),
    ],
    left: `the other refresh goes on; version ${target.version} was not rolled out`,
    next,
  });
}
