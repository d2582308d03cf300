import { DeployError, type BlueGreenOutputs, type RolloutResult } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import { describeLeft, type Aborted } from '../strategy/index.ts';
import { look, sideIn, type Fleets } from './sides.ts';
import { stateWords } from './state.ts';
import { noTraffic } from './traffic.ts';
import { giveBack, unpin, type WayBack } from './undo.ts';

/**
 * Takes back what is under way between two groups, whoever began it: all requests to the version before, and the other
 * fleet goes. Where requests go to nothing, they go to what serves.
 *
 * @returns undefined where nothing was under way
 * @throws DeployError `rollback-failed` where no healthy instance could take the requests, `credentials`
 */
export async function abortRollout(
  context: RolloutContext,
  outputs: BlueGreenOutputs,
): Promise<Aborted | undefined> {
  const began = context.clock.now();
  const fleets = await look(context, outputs);
  const way = wayOf(fleets);
  if (way === undefined) {
    await unpin(context, outputs, fleets);
    return undefined;
  }
  const { state } = fleets;
  const found = stateWords(state);
  context.run.log.line(`found: ${found}`);
  const { why, secondsToUndo } = await giveBack(context, outputs, way);
  const [kept, gone] = [sideIn(fleets, way.keeps), sideIn(fleets, way.goes)];
  const target = { ...context.target, previousVersion: kept.version };
  const left = await describeLeft({ ...context, target });
  if (why !== undefined) throw failed(why, found, left.text);
  const result: RolloutResult = {
    status: 'rolled-back',
    instanceRefreshId: undefined,
    templateVersion: kept.version ?? 0,
    previousTemplateVersion: gone.version,
    instancesBefore: fleets.sides.flatMap(({ group }) => group.instances.map(({ id }) => id)),
    instancesAfter: [...left.instances],
    estimate: undefined,
    seconds: Math.round(context.clock.now() - began),
    traffic: { ...noTraffic(), ...(secondsToUndo !== undefined && { secondsToUndo }) },
  };
  return { result, found, left: left.text };
}

/** Which side keeps the requests; undefined where nothing is under way. */
function wayOf({ state, sides: [blue, green] }: Fleets): WayBack | undefined {
  switch (state.kind) {
    case 'steady':
    case 'warm':
      return undefined;
    case 'launching':
    case 'shifting':
    case 'baking':
      return { keeps: state.from.name, goes: state.to.name };
    case 'damaged': {
      const [keeps, goes] = green.serving > blue.serving ? [green, blue] : [blue, green];
      return { keeps: keeps.name, goes: goes.name };
    }
  }
}

function failed(why: string, found: string, left: string): DeployError {
  return new DeployError({
    reason: 'rollback-failed',
    message: `the rollout could not be taken back: ${why}`,
    evidence: [{ label: 'found', text: found }],
    left,
    next: 'see why the instances of the version before do not serve; promote goes on with the new one',
  });
}
