import { DeployError, duration, isAwsError, stopwatch } from '../../core/index.ts';
import { cancelledBeforehand, pollUntil, withRetry, type RolloutContext } from '../context/index.ts';
import type { RefreshObservation, RolloutTarget } from '../model/index.ts';
import { isActive, statusMeaning } from '../model/index.ts';
import type { Inputs } from '../../inputs/index.ts';
import { nextPoll, readGroup, remainingSeconds } from '../monitor/index.ts';
import { isPartial } from './state.ts';

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
export async function settleConcurrentRefresh(
  context: RolloutContext,
  active: RefreshObservation,
): Promise<RefreshObservation | undefined> {
  const { run, target } = context;
  const policy = policyOn(context, active);
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

/** Who promotes a version goes on with what brings it: with a refresh that ends before all is replaced, behind its end. */
function policyOn(
  { run: { inputs }, target }: RolloutContext,
  active: RefreshObservation,
): Inputs['onActiveRefresh'] {
  if (inputs.command !== 'promote' || !hasTarget(active, target)) return inputs.onActiveRefresh;
  return isPartial(active) ? 'wait' : 'adopt';
}

async function cancelActive(context: RolloutContext, active: RefreshObservation): Promise<void> {
  if (active.status === 'Cancelling') return;
  try {
    await withRetry(context, 'cancel the instance refresh', () => context.api.cancel(context.group));
  } catch (error) {
    // It ended by itself in between.
    if (!isAwsError(error, 'ActiveInstanceRefreshNotFound')) throw error;
  }
}

/** Waits until a refresh is no longer active; heeds the job's cancellation and the rollout's deadline. */
function waitUntilOver(context: RolloutContext, active: RefreshObservation, expected: number): Promise<true> {
  const { api, clock, group, run } = context;
  const began = clock.now();
  let last = active;
  return pollUntil<RefreshObservation | undefined, true>(context, {
    what: 'see the active refresh',
    read: () => api.refresh(group, active.id),
    evaluate: async (seen) => {
      // What is done about a group that is gone is decided by who reads it next.
      if (!seen) return isGone(context);
      last = seen;
      if (isActive(seen)) return undefined;
      run.log.line(`instance refresh ${active.id} is over: ${statusMeaning(seen.status).words}`);
      return true;
    },
    onRefusal: () => isGone(context),
    interval: () => nextPoll(clock.now() - began, last.percentageComplete, expected),
    deadline: () => context.deadline,
    onDeadline: () => {
      const next = 'run this job again when it is over, or set on-active-refresh to replace';
      throw inTheWay(context, last, next);
    },
    onCancel: () => {
      throw cancelledBeforehand(context);
    },
    heartbeat: {
      seconds: heartbeatSeconds,
      line: () =>
        `${stopwatch(clock.now() - began).padStart(6)}  still waiting: ${last.id} is ${statusMeaning(last.status).words}, ${last.percentageComplete} %`,
    },
  });
}

async function isGone(context: RolloutContext): Promise<true | undefined> {
  return (await readGroup(context)).gone || undefined;
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
