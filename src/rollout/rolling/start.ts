import type { DesiredConfiguration, RefreshPreferences } from '@aws-sdk/client-auto-scaling';
import { callFailure, DeployError, errorText, isAwsError } from '../../core/index.ts';
import {
  noLongerAllowed,
  notAllowed,
  throwIfCancelled,
  withRetry,
  type RolloutContext,
} from '../context/index.ts';
import type { RefreshObservation } from '../model/index.ts';
import { isActive } from '../model/index.ts';
import { hasTarget } from './concurrent.ts';

export interface RefreshRequest {
  version: number;
  desiredConfiguration: DesiredConfiguration;
  preferences: RefreshPreferences;
  /** Ids of the refreshes that existed before; whatever is new and brings our version is ours. */
  known: ReadonlySet<string>;
  /** It is not tried again for a job that was cancelled meanwhile; a way back is. */
  unlessCancelled?: boolean;
}

/** A refresh that runs for us, or somebody else's that was first. */
export type StartOutcome =
  { id: string; blockedBy?: undefined } | { id?: undefined; blockedBy: RefreshObservation };

/** How often the start is tried when AWS gives no answer or wants fewer calls. */
const attempts = 6;

/**
 * Starts an instance refresh, exactly once. The API has no client token, so after a lost answer the list is asked
 * whether the first call took effect before there is a second one.
 *
 * @throws DeployError `preflight` when AWS refuses the start, `credentials` when the role may not start one, or may no longer,
 *   `cancelled`; AWS's own error when the clock is wrong.
 */
export async function startRefresh(context: RolloutContext, order: RefreshRequest): Promise<StartOutcome> {
  const { api, clock, run } = context;
  let unanswered = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const id = await api.start({
        group: context.group,
        desiredConfiguration: order.desiredConfiguration,
        preferences: order.preferences,
      });
      return { id };
    } catch (error) {
      const failure = callFailure(error);
      const inProgress = isAwsError(error, 'InstanceRefreshInProgress');
      if (failure === 'denied') throw notAllowed('start an instance refresh', error);
      if (failure === 'refused' && !inProgress) throw refused(context, order, error);
      if (failure === 'expired') api.renewCredentials();
      // The SDK itself may have repeated a call whose first answer was lost.
      const { ours, active } = await findExisting(context, order);
      if (ours) {
        run.log.debug(
          `the start took effect as ${ours.id} although it was answered with ${errorText(error)}`,
        );
        return { id: ours.id };
      }
      if (inProgress && active) return { blockedBy: active };
      if (order.unlessCancelled === true) throwIfCancelled(context);
      unanswered ||= failure === 'lost';
      if (attempt >= attempts) throw failure === 'skewed' ? error : noStart(error, unanswered);
      run.log.debug(`start: ${errorText(error)}; trying again`);
      await clock.sleep(Math.min(30, 2 ** attempt));
    }
  }
}

/** The refreshes that there are after a start without an answer: a new one that brings our version, and the active one. */
async function findExisting(
  context: RolloutContext,
  order: RefreshRequest,
): Promise<Record<'ours' | 'active', RefreshObservation | undefined>> {
  const refreshes = await withRetry(context, 'list the instance refreshes', () =>
    context.api.refreshes(context.group),
  );
  const wanted = { ...context.target, version: order.version };
  return {
    ours: refreshes.find((each) => !order.known.has(each.id) && hasTarget(each, wanted)),
    active: refreshes.find(isActive),
  };
}

function refused(context: RolloutContext, order: RefreshRequest, error: unknown): DeployError {
  return new DeployError({
    reason: 'preflight',
    message: `AWS does not accept the rollout of version ${order.version}`,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    left: `no instance of ${context.group} was touched`,
    next: 'mend what AWS names, then run this job again',
    cause: error,
  });
}

function noStart(error: unknown, unanswered: boolean): DeployError {
  if (callFailure(error) === 'expired') return noLongerAllowed('start an instance refresh', error);
  return new DeployError({
    reason: 'internal',
    message: 'the instance refresh could not be started: AWS gave no usable answer',
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    left: unanswered
      ? 'no instance refresh of ours was seen; look at the list before you start another'
      : 'no instance refresh was started',
    next: 'run this job again',
    cause: error,
  });
}
