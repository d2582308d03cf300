import type { DesiredConfiguration, RefreshPreferences } from '@aws-sdk/client-auto-scaling';
import { callFailure, DeployError, errorText, isAwsError } from '../../core/index.ts';
import { notAllowed, withRetry, type RolloutContext } from '../context/index.ts';
import type { RefreshObservation } from '../model/index.ts';
import { isActive } from '../model/index.ts';
import { hasTarget } from './concurrent.ts';

export interface RefreshRequest {
  version: number;
  desiredConfiguration: DesiredConfiguration;
  preferences: RefreshPreferences;
  /** Ids of the refreshes that existed before; whatever is new and brings our version is ours. */
  known: ReadonlySet<string>;
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
 * @throws DeployError `preflight` when AWS refuses the start, `credentials` when the role may not start one.
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
      const existing = await findExisting(context, order);
      if (
        existing &&
        hasTarget(existing, { ...context.target, version: order.version }) &&
        !order.known.has(existing.id)
      ) {
        run.log.debug(
          `the start took effect as ${existing.id} although it was answered with ${errorText(error)}`,
        );
        return { id: existing.id };
      }
      if (inProgress && existing && isActive(existing)) return { blockedBy: existing };
      unanswered ||= failure === 'lost';
      if (attempt >= attempts) throw noStart(error, unanswered);
      run.log.debug(`start: ${errorText(error)}; trying again`);
      await clock.sleep(Math.min(30, 2 ** attempt));
    }
  }
}

/** A new refresh that brings our version, else the active one, else nothing. */
async function findExisting(
  context: RolloutContext,
  order: RefreshRequest,
): Promise<RefreshObservation | undefined> {
  const refreshes = await withRetry(context, 'list the instance refreshes', () =>
    context.api.refreshes(context.group),
  );
  const wanted = { ...context.target, version: order.version };
  return (
    refreshes.find((each) => !order.known.has(each.id) && hasTarget(each, wanted)) ?? refreshes.find(isActive)
  );
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
