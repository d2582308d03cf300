import type { Notice } from '../../core/index.ts';
import { errorText, isAwsError } from '../../core/index.ts';
import type { SavedRollout } from '../../github/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import type { RefreshObservation } from '../model/index.ts';
import { isActive, statusMeaning } from '../model/index.ts';
import { hasTarget } from './concurrent.ts';
import { isPartial } from './state.ts';

/** Seconds that AWS's clock may be behind the runner's. */
const skew = 120;

/** The refresh that the run started, as far as can be told: it brings its version and is not older than it. Pure. */
export function refreshOfRun(
  refreshes: readonly RefreshObservation[],
  state: SavedRollout,
): RefreshObservation | undefined {
  return refreshes.find(
    (refresh) =>
      hasTarget(refresh, state) &&
      (refresh.startTime === undefined || refresh.startTime.getTime() >= state.started - skew * 1000),
  );
}

/**
 * Does what on-cancel promised when the run could not do it itself any more, and says how the refresh stands. A
 * refresh that another run started is never touched.
 */
export async function settleInterruptedRefresh(
  api: Pick<RolloutApi, 'refreshes' | 'rollBack'>,
  state: SavedRollout,
  onCancel: 'rollback' | 'leave',
): Promise<Notice> {
  const refreshes = await api.refreshes(state.group);
  const refresh = refreshOfRun(refreshes, state);
  if (refresh === undefined) {
    return {
      level: 'info',
      text: `No instance refresh of this run is there: the instances of ${state.group} were not touched.`,
    };
  }
  const [newest] = refreshes;
  if (newest !== undefined && newest !== refresh && isActive(newest)) return followed(refresh, newest, state);
  if (!isActive(refresh) || statusMeaning(refresh.status).rollingBack || refresh.status === 'Cancelling')
    return standing(refresh, state);
  if (onCancel === 'leave') {
    const text = `Instance refresh ${refresh.id} of ${state.group} goes on to version ${state.version} at AWS (${refresh.percentageComplete} %), as on-cancel says.`;
    return { level: 'warning', text };
  }
  try {
    await api.rollBack(state.group);
  } catch (error) {
    if (isAwsError(error, 'ActiveInstanceRefreshNotFound')) return finished(api, refresh, state);
    return {
      level: 'warning',
      text: `Instance refresh ${refresh.id} of ${state.group} goes on at AWS: its rollback could not be ordered (${errorText(error)}). Order it with: aws autoscaling rollback-instance-refresh --auto-scaling-group-name ${state.group}`,
    };
  }
  return {
    level: 'warning',
    text: `The step ended before it could take its rollout back, so that was done now: AWS is rolling instance refresh ${refresh.id} of ${state.group} back. ${seeHow(state)}`,
  };
}

/** It ended in this very moment: how, only a second look says. */
async function finished(
  api: Pick<RolloutApi, 'refreshes'>,
  before: RefreshObservation,
  state: SavedRollout,
): Promise<Notice> {
  const refreshes = await api.refreshes(state.group);
  return standing(refreshes.find(({ id }) => id === before.id) ?? before, state);
}

/** It is over, and another one moves the group: this run's way back, or somebody else's rollout. */
function followed({ id }: RefreshObservation, next: RefreshObservation, state: SavedRollout): Notice {
  const target = next.target === undefined ? '' : ` to version ${next.target.version}`;
  return {
    level: 'warning',
    text: `Instance refresh ${id} of ${state.group} (to version ${state.version}) is over, and instance refresh ${next.id}, which began after it, goes on${target} at AWS, ${next.percentageComplete} %. ${seeHow(state)}`,
  };
}

function standing(refresh: RefreshObservation, state: SavedRollout): Notice {
  const { id, status, percentageComplete, statusReason } = refresh;
  const { words } = statusMeaning(status);
  const what = `Instance refresh ${id} of ${state.group} (to version ${state.version})`;
  switch (String(status)) {
    case 'RollbackInProgress':
    case 'Cancelling':
      return {
        level: 'warning',
        text: `${what} is ${words} at AWS, ${percentageComplete} %. ${seeHow(state)}`,
      };
    case 'Successful':
      return {
        level: 'warning',
        text: isPartial(refresh)
          ? `${what} ended at its last checkpoint before it could be taken back: the group runs both versions, and may launch the new one (the command status tells). The same deployment or the command promote goes on, abort takes it back.`
          : `${what} was successful before it could be taken back: the new version serves.`,
      };
    case 'RollbackSuccessful':
      return { level: 'info', text: `${what} is rolled back: the version before serves again.` };
    case 'RollbackFailed':
      return {
        level: 'warning',
        text: `${what}: THE ROLLBACK FAILED: ${statusReason}. Look at the group now. ${seeHow(state)}`,
      };
    default:
      return {
        level: 'warning',
        text: `${what} is over: ${words}. ${statusReason} The group may run both versions. ${seeHow(state)}`,
      };
  }
}

function seeHow({ group }: SavedRollout): string {
  return `The command status tells how it ends; so does: aws autoscaling describe-instance-refreshes --auto-scaling-group-name ${group}`;
}
