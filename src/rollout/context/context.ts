import { DeployError } from '../../core/index.ts';
import type { Run } from '../../run/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import type { Clock } from '../../core/index.ts';
import { callFailure, errorText } from '../../core/index.ts';
import type { RolloutTarget } from '../model/index.ts';

/** What a next step may name. */
export interface DiagnosisNames {
  application: string;
  environment: string;
  /** Where the container is asked whether it is well, or ''. */
  healthPath: string;
}

/** What every step of one rollout works with. */
export interface RolloutContext {
  run: Pick<Run, 'inputs' | 'log' | 'signal'>;
  api: RolloutApi;
  clock: Clock;
  group: string;
  target: RolloutTarget;
  names: DiagnosisNames;
  /** Clock seconds at which the rollout began, and at which its time is up. */
  startedAt: number;
  /** What was warned about already. */
  warned: Set<string>;
  deadline: number;
}

/** Seconds that a call which must succeed is tried for. */
const tryFor = 120;

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
  const until = clock.now() + tryFor;
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

export function notAllowed(what: string, error: unknown): DeployError {
  return new DeployError({
    reason: 'credentials',
    message: `the deploy role may not ${what}`,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    next: 'give the deploy role the rights of the bundled one (terraform/bootstrap), then run this job again',
    cause: error,
  });
}

function noLongerAllowed(what: string, error: unknown): DeployError {
  return new DeployError({
    reason: 'credentials',
    message: `the credentials ran out before the rollout could ${what}`,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    next: 'let the action assume the role itself (role-to-assume), so that it can renew the credentials, or ask for a longer session',
    cause: error,
  });
}

/** "41", or "the one before" when the group names none. */
export function previousName({ previousVersion }: RolloutTarget): string {
  return previousVersion === undefined ? 'the version before' : `version ${previousVersion}`;
}
