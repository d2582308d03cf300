/** The fleet as a state machine over a clock: no I/O, no timers, no randomness but the ids it is given. */
import { reconcileCapacity } from './capacity.ts';
import { checkHealth, replaceUnhealthy } from './health.ts';
import { advanceInstance, failLaunch } from './lifecycle.ts';
import { stepRefresh } from './refresh.ts';
import { runSchedules } from './schedule.ts';
import {
  type Effect,
  type FleetState,
  isPending,
  type Observations,
  removeGroup,
  type Step,
} from './state.ts';

/**
 * Moves every group by one step and says what is to be done in the world. The state is changed in place; nothing
 * else is. Effects are safe to repeat: what has not happened yet is asked for again in a later step.
 * @param now milliseconds since the epoch
 */
export function stepFleet(state: FleetState, now: number, seen: Observations): Effect[] {
  const step: Step = { state, now, seen, effects: [] };
  noteLaunchFailures(step);
  for (const group of [...state.groups.values()]) {
    for (const instance of [...group.instances.values()]) advanceInstance(step, group, instance);
    checkHealth(step, group);
    if (!group.deleting) {
      runSchedules(step, group);
      stepRefresh(step, group);
      replaceUnhealthy(step, group);
    }
    reconcileCapacity(step, group);
    if (group.deleting && group.instances.size === 0) removeGroup(state, group);
  }
  return step.effects;
}

function noteLaunchFailures(step: Step): void {
  if (step.seen.launchFailures.length === 0) return;
  for (const group of step.state.groups.values()) {
    for (const { instanceId, statusMessage } of step.seen.launchFailures) {
      const instance = group.instances.get(instanceId);
      if (instance && isPending(instance)) failLaunch(step, group, instance, statusMessage);
    }
  }
}
