import { DeployError, duration, stopwatch, type BlueGreenOutputs } from '../../core/index.ts';
import { cancelledBeforehand, pollUntil, type RolloutContext } from '../context/index.ts';
import { blueGreenDefaults, type Inputs } from '../../inputs/index.ts';
import { isActive } from '../model/index.ts';
import type { Concurrent } from '../strategy/index.ts';
import { look, type Fleets } from './sides.ts';
import type { BlueGreenSnapshot } from './snapshot.ts';
import { isUnderWay, stateWords, type FleetState, type Sides } from './state.ts';
import { metricDelay } from './traffic.ts';
import { giveBack, unpin } from './undo.ts';

/** Seconds without a change that a rollout which nobody waits for may have while instances come up. */
const standstill = 300;
/** Seconds that a run may need beyond what it waits for. */
const margin = 60;
const pause = 10;
const heartbeatSeconds = 60;

/**
 * Does with a rollout to another version what on-active-refresh says. One that brings the same version is this run's own:
 * it is gone on with.
 *
 * @throws DeployError `refresh-active`, `superseded`, `preflight` for groups that can't serve
 */
export async function settleConcurrent(
  context: RolloutContext,
  { fleets, route, refreshes }: BlueGreenSnapshot,
  outputs: BlueGreenOutputs,
): Promise<Concurrent> {
  const { state } = fleets;
  if (state.kind === 'damaged') throw damaged(state.because);
  requireNotSuperseded(context, state);
  const refresh = refreshes.find(isActive);
  if (refresh !== undefined) throw refreshed(context, refresh.id);
  if (route.kind === 'there') await unpin(context, outputs, fleets);
  if (route.kind !== 'busy') return { kind: 'clear' };
  switch (context.run.inputs.onActiveRefresh) {
    case 'fail':
    case 'adopt':
      throw busy(context, state);
    case 'replace': {
      context.run.log.line(`${stateWords(state)}: taking that back, as on-active-refresh says`);
      const { why } = await giveBack(context, outputs, { keeps: state.from.name, goes: state.to.name });
      if (why !== undefined) throw busy(context, state, why);
      context.onTakenBack?.();
      return { kind: 'changed' };
    }
    case 'wait':
      context.run.log.line(`${stateWords(state)}: waiting for it to end`);
      await waitUntilOver(context, outputs, fleets);
      return { kind: 'changed' };
  }
}

/** The run that made a later version has brought it already: going on would take it back. */
function requireNotSuperseded({ run, target }: RolloutContext, state: FleetState): void {
  const later = state.kind === 'baking' ? state.to : state.from;
  const { version } = later;
  const { command } = run.inputs;
  // Both may bring a lower version, and say which.
  if (command === 'rollback' || command === 'promote' || version === undefined || version <= target.version)
    return;
  throw new DeployError({
    reason: 'superseded',
    message: `version ${target.version} was overtaken: another run applied version ${version} after it, which has all requests in ${later.name}`,
    left: `no instance and no weight was touched by this run: version ${version} stays`,
    next: `nothing, when the commit of version ${version} contains this one; else run this job again. With "concurrency" in the workflow the runs of one environment come one after the other`,
  });
}

/**
 * Seconds without a change after which nobody is taken to move somebody else's rollout: it is judged, or baked, for as
 * long as the inputs say, which are those of the same workflow. Pure.
 */
function abandonedAfter({ stepTime = blueGreenDefaults.stepTime, bakeTime = 0 }: Inputs): number {
  return Math.max(standstill, stepTime + metricDelay, bakeTime) + margin;
}

function waitUntilOver(context: RolloutContext, outputs: BlueGreenOutputs, first: Fleets): Promise<true> {
  const { clock, run } = context;
  const began = clock.now();
  let last = first;
  let movedAt = began;
  const patience = abandonedAfter(run.inputs);
  return pollUntil<Fleets, true>(context, {
    what: 'see both groups and their weights',
    read: () => look(context, outputs),
    evaluate: (fleets) => {
      if (fingerprint(fleets.sides) !== fingerprint(last.sides)) movedAt = clock.now();
      last = fleets;
      if (!isUnderWay(fleets.state)) return true;
      if (clock.now() - movedAt >= patience)
        throw busy(
          context,
          fleets.state,
          `nothing has moved for ${duration(patience)}: it waits for a person, or its run is gone`,
        );
      return undefined;
    },
    interval: () => pause,
    deadline: () => context.deadline,
    onDeadline: () => {
      throw busy(context, last.state);
    },
    onCancel: () => {
      throw cancelledBeforehand(context);
    },
    heartbeat: {
      seconds: heartbeatSeconds,
      line: () =>
        `${stopwatch(clock.now() - began).padStart(6)}  still waiting: ${stateWords(last.state)}; ${run.inputs.application} is not touched by this run`,
    },
  });
}

function fingerprint(sides: Sides): string {
  return sides
    .flatMap(({ weight, serving, staying, group }) => [weight, serving, staying, group.desired])
    .join();
}

function busy({ target }: RolloutContext, state: FleetState, why?: string): DeployError {
  const version = state.to.version ?? '?';
  return new DeployError({
    reason: 'refresh-active',
    message: `a rollout of version ${version} is under way: ${stateWords(state)}`,
    evidence: why === undefined ? [] : [{ label: 'why it is not waited for', text: why }],
    left: `both versions stay as they are; version ${target.version} was not rolled out`,
    next: `go on with it (command promote) or take it back (command abort), then run this job again; on-active-refresh replace takes it back by itself`,
  });
}

function refreshed({ target }: RolloutContext, id: string): DeployError {
  return new DeployError({
    reason: 'refresh-active',
    message: `instance refresh ${id} is under way in one of the two groups`,
    left: `it goes on; version ${target.version} was not rolled out`,
    next: 'wait for it to end or cancel it, then run this job again',
  });
}

/** The failure for requests that go where nothing can answer them. */
export function damaged(because: string): DeployError {
  return new DeployError({
    reason: 'preflight',
    message: because,
    evidence: [
      {
        label: 'why it matters',
        text: 'requests are refused now, and a rollout could tell nothing from them',
      },
    ],
    left: 'no instance and no weight was touched',
    next: 'run the command abort of this action: it gives all requests to the group that serves; then run this job again',
  });
}
