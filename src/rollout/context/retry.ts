import { callFailure, DeployError, errorText } from '../../core/index.ts';
import type { RolloutContext } from './context.ts';

/** Seconds that a question which must be answered is asked for; then there is no answer. */
export const unansweredSeconds = 120;

/**
 * A call that the rollout can't do without: throttling, lost answers and expired credentials are waited out for two
 * minutes. Only for calls that may be repeated.
 *
 * @throws DeployError `credentials` when AWS denies the call or the credentials stay expired; the SDK's own error
 * when AWS refuses it or stays silent.
 */
export async function withRetry<T>(
  context: RolloutContext,
  what: string,
  call: () => Promise<T>,
): Promise<T> {
  const { clock, api, run } = context;
  const until = clock.now() + unansweredSeconds;
  for (let wait = 1; ; wait = Math.min(15, wait * 2)) {
    try {
      return await call();
    } catch (error) {
      const failure = callFailure(error);
      if (failure === 'denied') throw notAllowed(what, error);
      if (failure === 'refused') throw error;
      if (clock.now() + wait > until) throw failure === 'expired' ? noLongerAllowed(what, error) : error;
      if (failure === 'expired') api.renewCredentials();
      run.log.debug(`${what}: ${errorText(error)}; trying again in ${wait} s`);
      await clock.sleep(wait);
    }
  }
}

/** A look at something useful but not vital: undefined when it can't be had; a missing right is warned about once. */
export async function bestEffort<T>(
  context: RolloutContext,
  what: string,
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const failure = callFailure(error);
    const right = what.replace(/ of i-[0-9a-f]+$/, '');
    if (failure === 'expired') context.api.renewCredentials();
    if (failure === 'denied' && !context.warned.has(right)) {
      context.warned.add(right);
      context.run.log.warning(`the deploy role may not ${right} (${errorText(error)}); going on without it`);
    }
    context.run.log.debug(`${what}: ${errorText(error)}`);
    return undefined;
  }
}

/** The failure for a call that AWS denies; `what` ends "the deploy role may not …". */
export function notAllowed(what: string, error: unknown): DeployError {
  return new DeployError({
    reason: 'credentials',
    message: `the deploy role may not ${what}`,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    next: 'give the deploy role the rights of the bundled one (terraform/bootstrap), then run this job again',
    cause: error,
  });
}

/** The failure for credentials that stayed expired. */
export function noLongerAllowed(what: string, error: unknown): DeployError {
  return new DeployError({
    reason: 'credentials',
    message: `the credentials ran out before the rollout could ${what}`,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    next: 'let the action assume the role itself (role-to-assume), so that it can renew the credentials, or ask for a longer session',
    cause: error,
  });
}
