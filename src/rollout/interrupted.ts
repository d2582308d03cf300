import type { Notice } from '../core/index.ts';
import type { SavedRollout } from '../github/index.ts';
import type { RolloutApi } from './aws/index.ts';
import { blueGreen } from './blue-green/index.ts';
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
  const strategy = rollout.blueGreen === undefined ? rolling : blueGreen(rollout.blueGreen);
  return strategy.settleInterrupted(api, rollout, onCancel);
}
