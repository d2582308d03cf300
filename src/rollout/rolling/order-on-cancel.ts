import { errorText, isAwsError } from '../../core/index.ts';
import { previousName } from '../context/index.ts';
import { isActive } from '../model/index.ts';
import type { ActiveRollout } from '../strategy/index.ts';

/** Attempts that a cancelled job has for the call that orders the rollback: it has seconds. */
const cancelAttempts = 3;

/** What a cancelled job still does about its refresh: in seconds, so the rollback is ordered and not monitored. */
export async function orderOnCancel({ context, id = '' }: ActiveRollout): Promise<string> {
  const { run, api, clock, group } = context;
  if (run.inputs.onCancel === 'leave') return `instance refresh ${id} goes on at AWS, as on-cancel says`;
  const ended = `instance refresh ${id} had ended already`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const current = await api.refresh(group, id);
      // RollbackInstanceRefresh takes back whatever is active: by now that may be somebody else's.
      if (current !== undefined && !isActive(current)) return ended;
      if (current?.status !== 'RollbackInProgress') await api.rollBack(group);
      return `AWS is rolling instance refresh ${id} back to ${previousName(context.target)}, without this job`;
    } catch (error) {
      if (isAwsError(error, 'ActiveInstanceRefreshNotFound')) return ended;
      if (attempt >= cancelAttempts)
        return `the rollback of ${id} could not be ordered (${errorText(error)}): it goes on at AWS`;
      await clock.sleep(0.5);
    }
  }
}
