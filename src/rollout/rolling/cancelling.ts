import { withRetry, type RolloutContext } from '../context/index.ts';
import type { RefreshObservation } from '../model/index.ts';
import { isActive } from '../model/index.ts';

/** Seconds between two looks at a refresh that is being cancelled: AWS waits for launches and draining under way. */
const interval = 5;

/** Waits until a refresh that is being cancelled is over; what it was last seen as when the time is up. */
export async function settleCancelling(
  context: RolloutContext,
  refreshId: string,
  seconds: number,
): Promise<RefreshObservation | undefined> {
  const { clock, api, group } = context;
  const until = clock.now() + seconds;
  for (;;) {
    const refresh = await withRetry(context, 'look at the instance refresh', () =>
      api.refresh(group, refreshId),
    );
    if (!refresh || !isActive(refresh) || clock.now() >= until) return refresh;
    await clock.sleep(interval);
  }
}
