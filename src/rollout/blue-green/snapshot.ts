import type { BlueGreenOutputs, TerraformOutputs } from '../../core/index.ts';
import { withRetry, type RolloutContext } from '../context/index.ts';
import { afterNewest } from '../model/index.ts';
import { readSnapshot, type GroupSnapshot } from '../plan/index.ts';
import { look, type Fleets } from './sides.ts';
import { keepsRequests, routeTo, type Route } from './state.ts';

/** What is known of both groups before anything is done; the group's own part is that of the side that is left. */
export interface BlueGreenSnapshot extends GroupSnapshot {
  fleets: Fleets;
  route: Route;
  /** From when on activities of the group in which the version comes up are this rollout's, by AWS's clock. */
  since: Date;
}

/**
 * Reads both groups, the rule, and of the side that is left all that a rolling deployment reads of its group.
 * @throws DeployError `group-missing`, `credentials`, `preflight`
 */
export async function readBlueGreen(
  context: RolloutContext,
  outputs: TerraformOutputs,
  of: BlueGreenOutputs,
): Promise<BlueGreenSnapshot> {
  const { api, run, target } = context;
  const fleets = await look(context, of);
  const route = routeTo(fleets.state, target.version, run.inputs.keepPrevious);
  const side = route.kind === 'there' ? route.side : route.kind === 'move' ? route.from : fleets.state.from;
  const snapshot = await readSnapshot(
    { ...context, group: side.name },
    { alarmNames: outputs.alarmNames, targetGroupArns: [side.targetGroupArn] },
  );
  const coming = comesUpIn(route) ?? side.name;
  const activities =
    coming === side.name
      ? snapshot.activities
      : await withRetry(context, 'see the activities', () => api.recentActivities(coming));
  return {
    ...snapshot,
    // Batches and checkpoints are the instance refresh's.
    settings: { ...snapshot.settings, checkpoints: [], checkpointDelay: 0 },
    comesUpIn: coming,
    since: afterNewest(activities) ?? new Date(0),
    fleets,
    route,
    keeps: keepsRequests(fleets.state, route),
  };
}

/** Onto a group that wants nothing there is nothing to move: it launches the version next. */
function comesUpIn(route: Route): string | undefined {
  if (route.kind !== 'move') return undefined;
  return isEmpty(route) ? route.from.name : route.to.name;
}

/** Nothing serves, and nothing is to. */
export function isEmpty({ from, to }: Extract<Route, { kind: 'move' }>): boolean {
  return from.group.desired === 0 && from.staying === 0 && to.group.desired === 0 && to.weight === 0;
}
