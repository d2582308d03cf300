import { errorText, isAwsError } from '../../core/index.ts';
import { withRetry } from '../context/index.ts';
import { describeLeft, type ActiveRollout, type RollbackOutcome } from '../strategy/index.ts';
import type { RefreshProgress } from './refresh-progress.ts';
import { restore, rollBack, type RollbackRequest } from './rollback.ts';

/** Seconds that who cancelled our refresh has to begin another one, which is then left alone. */
const successorSeconds = 10;

/**
 * Brings the old version back: by AWS's own rollback while our refresh is active, by a new refresh where it is over
 * (its version is saved on the group after a success). Without auto-rollback an active refresh is cancelled.
 *
 * @param ended how the refresh ended at AWS; undefined while it is active
 */
export async function undoRefresh(
  active: ActiveRollout,
  ended: RefreshProgress | undefined,
): Promise<RollbackOutcome> {
  const { context, before, settings, id = '', estimate } = active;
  const isBackAlready = ended?.stage === 'over' && ended.rollingBack;
  if (!settings.autoRollback && !isBackAlready) return leave(active, ended);
  const request: RollbackRequest = {
    refreshId: id,
    settings,
    before,
    expected: estimate?.seconds ?? 300,
  };
  if (ended?.succeeded === true) return restore(context, request);
  if (ended?.refresh.status === 'Cancelled') await context.clock.sleep(successorSeconds, context.run.signal);
  return rollBack(context, request);
}

/** No rollback is wanted: what must not go on is cancelled, and the mixture is told. */
async function leave(
  { context }: ActiveRollout,
  ended: RefreshProgress | undefined,
): Promise<RollbackOutcome> {
  const stopped = ended === undefined ? await cancel(context) : '';
  const { text, instances } = await describeLeft(context);
  return { kind: 'left', left: { text: `${stopped}${text}`, instances }, why: '' };
}

async function cancel(context: ActiveRollout['context']): Promise<string> {
  const { version, previousVersion } = context.target;
  try {
    await withRetry(context, 'cancel the instance refresh', () => context.api.cancel(context.group));
  } catch (error) {
    return isAwsError(error, 'ActiveInstanceRefreshNotFound')
      ? ''
      : `the instance refresh could not be cancelled (${errorText(error)}): `;
  }
  const why =
    version === previousVersion ? 'there is no other version to go back to' : 'auto-rollback is false';
  return `the instance refresh was cancelled and not rolled back (${why}): `;
}
