import { setTimeout as delay } from 'node:timers/promises';
import { errorText, type BlueGreenOutputs, type Notice } from '../../core/index.ts';
import type { SavedRollout } from '../../github/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import { propagation } from './settle.ts';
import { liveSizes, readFleets, type Fleets } from './sides.ts';
import {
  isUnderWay,
  stateWithAll,
  stateWords,
  tooFew,
  weightsOf,
  type FleetState,
  type Side,
} from './state.ts';

interface PostStep {
  outputs: BlueGreenOutputs;
  sleep?: (seconds: number) => Promise<unknown>;
}

/** The side that the run was to bring, and the one that was there before: a rollback brings the lower version. */
interface Killed {
  kept: Side;
  gone: Side;
}

/**
 * After a run that was killed: the requests go back to the version before where on-cancel says so, and what has none is
 * emptied. A rollout of another version is never touched.
 */
export async function settleInterrupted(
  api: RolloutApi,
  rollout: SavedRollout,
  onCancel: 'rollback' | 'leave',
  { outputs, sleep = (seconds) => delay(seconds * 1000) }: PostStep,
): Promise<Notice> {
  const fleets = await readFleets(api, outputs);
  const { state } = fleets;
  const killed = killedIn(fleets, rollout.version);
  if (state.kind === 'damaged')
    return {
      level: 'warning',
      text: `${stateWords(state)}. The command abort gives all requests to the group that serves.`,
    };
  if (!isUnderWay(state) || killed === undefined)
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
    return await takeBack(api, { outputs, sleep }, { ...killed, fleets, version: rollout.version });
  } catch (error) {
    return {
      level: 'warning',
      text: `${stateWords(state)}: that could not be taken back (${errorText(error)}). The command abort does it.`,
    };
  }
}

/** Whether the post step empties a side once it has no requests: only what its run launched, never what was kept. Pure. */
export function postStepEmpties(state: FleetState, { version }: Side, wanted: number): boolean {
  return isUnderWay(state) && version === wanted;
}

function killedIn({ sides: [blue, green] }: Fleets, version: number): Killed | undefined {
  if (blue.version === green.version) return undefined;
  if (blue.version === version) return { kept: green, gone: blue };
  return green.version === version ? { kept: blue, gone: green } : undefined;
}

async function takeBack(
  api: RolloutApi,
  { outputs, sleep }: Required<PostStep>,
  { kept, gone, fleets, version }: Killed & { fleets: Fleets; version: number },
): Promise<Notice> {
  if (gone.weight > 0) {
    const why = tooFew(kept, gone, true);
    if (why !== undefined)
      return {
        level: 'warning',
        text: `The step ended before it could take its rollout back, and that was not done now: ${why}. See why ${kept.name} does not serve; the same deployment goes on.`,
      };
    await api.setForwardWeights(outputs.listenerRuleArn, weightsOf(gone, kept, 100));
  }
  const done = `The step ended before it could take its rollout back, so that was done now: all requests go to ${kept.name} (version ${kept.version ?? '?'})`;
  if (!postStepEmpties(stateWithAll(fleets.sides, kept.name), gone, version))
    return { level: 'warning', text: `${done}, and ${gone.name} stays up, as it was kept.` };
  // The job may have changed the weights only now: the nodes of the load balancer have to take that up.
  await sleep(propagation);
  const now = await readFleets(api, outputs);
  if (now.sides.some(({ name, weight }) => name === gone.name && weight > 0))
    return {
      level: 'warning',
      text: `${gone.name} is given requests again by somebody else, and is left as it is: ${stateWords(now.state)}.`,
    };
  await api.setSizes(gone.name, { minSize: 0, desired: 0 });
  await api.setSizes(kept.name, liveSizes(outputs, kept));
  // What stays of the mark says nothing of an empty group.
  if (gone.group.rollout !== undefined) await api.setRolloutTo(gone.name, undefined).catch(() => undefined);
  return { level: 'warning', text: `${done}, and ${gone.name} is emptied.` };
}
