import type { Notice } from '../core/index.ts';
import type { SavedRollout } from '../github/index.ts';
import type { RolloutApi } from './aws/index.ts';
import { rolling } from './rolling/index.ts';

/**
 * Looks after the rollout of a run that was killed; see `Strategy.settleInterrupted`.
 * @throws AWS's errors when it can't be asked
 */
export function settleInterruptedRollout(
  api: RolloutApi,
  rollout: SavedRollout,
  onCancel: 'rollback' | 'leave',
): Promise<Notice> {
  return rolling.settleInterrupted(api, rollout, onCancel);
}
