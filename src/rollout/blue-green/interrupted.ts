import { setTimeout as delay } from 'node:timers/promises';
import { errorText, type BlueGreenOutputs, type Notice } from '../../core/index.ts';
import type { SavedRollout } from '../../github/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import { propagation } from './drive.ts';
import { readFleets } from './sides.ts';
import { stateWords, weightsOf, type FleetState } from './state.ts';

/**
 * After a run that was killed: the requests go back to the version before where on-cancel says so, and what has none is
 * emptied. A rollout of another version is never touched.
 */
export async function settleInterrupted(
  api: RolloutApi,
  rollout: SavedRollout,
  onCancel: 'rollback' | 'leave',
  outputs: BlueGreenOutputs,
): Promise<Notice> {
  const { state } = await readFleets(api, outputs);
  const { from, to } = state;
  const underWay = ['launching', 'shifting', 'baking'].includes(state.kind);
  if (!underWay || (to.version !== rollout.version && from.version !== rollout.version))
    return {
      level: 'info',
      text: `No rollout to version ${rollout.version} is under way: ${stateWords(state)}.`,
    };
  if (onCancel === 'leave')
    return {
      level: 'warning',
      text: `${stateWords(state)}, as on-cancel says. The same deployment or the command promote goes on, abort takes it back.`,
    };
  try {
    return await takeBack(api, outputs, state);
  } catch (error) {
    return {
      level: 'warning',
      text: `${stateWords(state)}: that could not be taken back (${errorText(error)}). The command abort does it.`,
    };
  }
}

async function takeBack(
  api: RolloutApi,
  outputs: BlueGreenOutputs,
  { from, to }: FleetState,
): Promise<Notice> {
  if (to.weight > 0) {
    if (from.serving === 0)
      return {
        level: 'warning',
        text: `No instance of ${from.name} is healthy, so the requests stay with ${to.name}. The command promote goes on; abort takes it back when ${from.name} serves.`,
      };
    await api.setForwardWeights(outputs.listenerRuleArn, weightsOf(to, from, 100));
  }
  // The job may have changed the weights only now: the nodes of the load balancer have to take that up.
  await delay(propagation * 1000);
  const { desired } = from.group;
  await api.setSizes(to.name, { minSize: 0, desired: 0 });
  await api.setSizes(from.name, {
    minSize: outputs.capacity.min,
    maxSize: Math.max(outputs.capacity.max, desired),
  });
  return {
    level: 'warning',
    text: `The step ended before it could take its rollout back, so that was done now: all requests go to ${from.name} (version ${from.version ?? '?'}), and ${to.name} is emptied.`,
  };
}
