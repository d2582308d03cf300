import { callFailure, errorText, isAwsError } from '../../core/index.ts';
import { bestEffort, notAllowed, pollUntil, type RolloutContext } from '../context/index.ts';

/** Seconds that nodes of the load balancer get to take a changed rule up. */
export const propagation = 10;

/** Refusals of a moment: something else is being done with the group (AutoScaling API, errors). */
const passing = ['ScalingActivityInProgress', 'ResourceContention', 'ResourceInUse'];

/**
 * Orders something that may be ordered again, and leaves what became of it to the next look at AWS: an answer that was
 * lost says nothing.
 *
 * @returns AWS's words when it refuses for good
 * @throws DeployError `credentials` when the role may not
 */
export async function order(
  { api, run }: Pick<RolloutContext, 'api' | 'run'>,
  what: string,
  call: () => Promise<void>,
): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    const failure = callFailure(error);
    if (failure === 'denied') throw notAllowed(what, error);
    if (failure === 'expired') api.renewCredentials();
    run.log.debug(`${what}: ${errorText(error)}; looking what became of it`);
    return failure === 'refused' && !isAwsError(error, ...passing) ? errorText(error) : undefined;
  }
}

/** Something that has to be so, and how it is brought about. */
export interface Goal<Reading> {
  /** As the end of "the deploy role may not …". */
  what: string;
  read: () => Promise<Reading>;
  isSo: (reading: Reading) => boolean;
  /** Why it must not be ordered as things stand; left out where it always may. */
  prevented?: (reading: Reading) => string | undefined;
  bring: () => Promise<void>;
}

/** Seconds that AWS gets to show what was ordered of it. */
const patience = 120;

/**
 * Orders until it is read back, also when the job is cancelled meanwhile.
 * @returns undefined when it is so; else why not
 */
export async function bringAbout<Reading>(
  context: RolloutContext,
  { what, read, isSo, prevented, bring }: Goal<Reading>,
): Promise<string | undefined> {
  const until = context.clock.now() + patience;
  let refusal: string | undefined;
  const { why } = await pollUntil<Reading, { why: string | undefined }>(context, {
    what,
    read,
    evaluate: async (reading) => {
      if (isSo(reading)) return { why: undefined };
      const why = prevented?.(reading);
      if (why !== undefined) return { why };
      if (refusal !== undefined) return { why: refusal };
      refusal = await order(context, what, bring);
      // An answer that is lost here is asked for again by the next look.
      const after = refusal === undefined ? await bestEffort(context, what, read) : undefined;
      return after !== undefined && isSo(after) ? { why: undefined } : undefined;
    },
    interval: () => 1,
    deadline: () => until,
    onDeadline: () => ({ why: refusal ?? `AWS did not ${what} within ${patience} s` }),
    unansweredSeconds: patience,
  });
  return why;
}
