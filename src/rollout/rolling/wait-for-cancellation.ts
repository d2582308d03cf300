import { stopwatch } from '../../core/index.ts';
import { pollUntil, unansweredSeconds, type RolloutContext } from '../context/index.ts';
import { isActive, type RefreshObservation } from '../model/index.ts';

/** Seconds between two questions: AWS waits for launches and draining under way before a refresh is cancelled. */
const interval = 5;
const heartbeatSeconds = 60;

/**
 * Waits until a refresh that is being cancelled is over, also when the job is cancelled meanwhile.
 * @returns it as it was seen last; undefined when AWS does not know it
 */
export async function waitForCancellation(
  context: RolloutContext,
  refreshId: string,
  seconds: number,
): Promise<RefreshObservation | undefined> {
  const { clock, api, group } = context;
  const began = clock.now();
  const until = began + seconds;
  let last: RefreshObservation | undefined;
  const { refresh } = await pollUntil<
    RefreshObservation | undefined,
    { refresh: RefreshObservation | undefined }
  >(context, {
    what: 'look at the instance refresh',
    read: () => api.refresh(group, refreshId),
    evaluate: (seen) => {
      last = seen;
      return seen && isActive(seen) ? undefined : { refresh: seen };
    },
    interval: () => interval,
    deadline: () => until,
    onDeadline: () => ({ refresh: last }),
    heartbeat: {
      seconds: heartbeatSeconds,
      line: () =>
        `${stopwatch(clock.now() - began).padStart(6)}  still waiting for instance refresh ${refreshId} to be cancelled: AWS waits for what it launches and drains`,
    },
    unansweredSeconds,
  });
  return refresh;
}
