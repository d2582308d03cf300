import { setTimeout as delay } from 'node:timers/promises';
import { errorText, type BlueGreenOutputs, type Notice } from '../../core/index.ts';
import type { SavedRollout } from '../../github/index.ts';
import type { RolloutApi } from '../aws/index.ts';
import { propagation } from './settle.ts';
import { liveSizes, readFleets, sideIn, type Fleets } from './sides.ts';
import {
  isUnderWay,
  isUp,
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

/** The side that has all requests in the end, and the other. */
interface Killed {
  kept: Side;
  gone: Side;
}

/**
 * After a run that was killed: the requests go back to the version before where on-cancel says so, though the run be the
 * way back to it, and what has none is emptied. A rollout of another version is never touched.
 */
export async function settleInterrupted(
  api: RolloutApi,
  rollout: SavedRollout,
  onCancel: 'rollback' | 'leave',
  { outputs, sleep = (seconds) => delay(seconds * 1000) }: PostStep,
): Promise<Notice> {
  const fleets = await readFleets(api, outputs);
  const { state } = fleets;
  const killed = killedIn(fleets, rollout);
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
  const { kept, gone } = killed;
  if (kept.group.desired === 0 && gone.weight === 100)
    return {
      level: 'info',
      text: `The step ended when its rollout was as good as over: ${gone.name} (version ${gone.version ?? '?'}) has all requests, and ${kept.name} is being emptied.`,
    };
  if (onCancel === 'leave')
    return {
      level: 'warning',
      text: `${stateWords(state)}, as on-cancel says: ${howItGoesOn(killed, rollout.version)}.`,
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

/**
 * Whether the post step empties the side that goes, once it has no requests: what the run launched, or what it was the way
 * back from; never what was kept, nor the only one that serves. Pure.
 *
 * @param state with all requests on the side that keeps them
 * @param version the one that the run brings
 */
export function postStepEmpties(state: FleetState, { kept, gone }: Killed, version: number): boolean {
  return isUnderWay(state) && (gone.version === version || kept.version === version) && serves(kept);
}

function serves({ serving, group }: Side): boolean {
  return serving > 0 && group.desired > 0;
}

/** "stays up, as it was kept": what becomes of a side that is not emptied. Pure. */
export function stayWords({ kept, gone }: Killed): string {
  if (!isUp(gone)) return 'is empty';
  return serves(kept) ? 'stays up, as it was kept' : `stays up, for ${kept.name} does not serve`;
}

/** Who goes on with what is left as it is: a way back is gone on with by other commands than a way forth. Pure. */
export function howItGoesOn({ kept, gone }: Killed, version: number): string {
  return kept.version === version
    ? `the command rollback or abort goes on with it, promote goes on with version ${gone.version ?? '?'}`
    : 'the same deployment or the command promote goes on, abort takes it back';
}

/** The run's rollout, as far as it is still the one that is there. */
function killedIn({ sides }: Fleets, { version, keeps, leaves }: SavedRollout): Killed | undefined {
  const [blue, green] = sides;
  const own = sides.find((side) => side.version === version);
  if (own === undefined || blue.version === green.version) return undefined;
  const other = own === blue ? green : blue;
  if (leaves !== undefined && other.version !== leaves) return undefined;
  return keeps === own.name ? { kept: own, gone: other } : { kept: other, gone: own };
}

async function takeBack(
  api: RolloutApi,
  { outputs, sleep }: Required<PostStep>,
  { kept, gone, fleets, version }: Killed & { fleets: Fleets; version: number },
): Promise<Notice> {
  if (gone.weight > 0) {
    const why = tooFew(kept, gone, kept.version !== version);
    if (why !== undefined)
      return {
        level: 'warning',
        text: `The step ended before it could take its rollout back, and that was not done now: ${why}. See why ${kept.name} does not serve; the same deployment goes on.`,
      };
    await api.setForwardWeights(outputs.listenerRuleArn, weightsOf(gone, kept, 100));
  }
  const done = `The step ended before it could take its rollout back, so that was done now: all requests go to ${kept.name} (version ${kept.version ?? '?'})`;
  if (!postStepEmpties(stateWithAll(fleets.sides, kept.name), { kept, gone }, version))
    return { level: 'warning', text: `${done}, and ${gone.name} ${stayWords({ kept, gone })}.` };
  // The job may have changed the weights only now: the nodes of the load balancer have to take that up.
  await sleep(propagation);
  const now = await readFleets(api, outputs);
  if (now.sides.some(({ name, weight }) => name === gone.name && weight > 0))
    return {
      level: 'warning',
      text: `${gone.name} is given requests again by somebody else, and is left as it is: ${stateWords(now.state)}.`,
    };
  if (!serves(sideIn(now, kept.name)))
    return { level: 'warning', text: `${done}, and ${gone.name} stays up, for ${kept.name} does not serve.` };
  await api.setSizes(gone.name, { minSize: 0, desired: 0 });
  await api.setSizes(kept.name, liveSizes(outputs, kept));
  // What stays of the mark says nothing of an empty group.
  if (gone.group.rollout !== undefined) await api.setRolloutTo(gone.name, undefined).catch(() => undefined);
  return { level: 'warning', text: `${done}, and ${gone.name} is emptied.` };
}
