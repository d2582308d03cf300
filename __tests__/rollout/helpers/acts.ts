import { DeployError } from '../../../src/core/errors.ts';
import { groupName, templateId, type SimulatedAws } from './simulated-aws.ts';

/** The failure that a rollout ends with; anything else is thrown. */
export async function failureOf(rollout: Promise<unknown>): Promise<DeployError> {
  const outcome = await rollout.then(
    (result) => result,
    (error: unknown) => error,
  );
  if (outcome instanceof DeployError) return outcome;
  throw outcome instanceof Error ? outcome : new Error(`it did not fail: ${JSON.stringify(outcome)}`);
}

export function suspend(world: SimulatedAws, ...processes: string[]) {
  return world.operation('SuspendProcesses', {
    AutoScalingGroupName: groupName,
    ScalingProcesses: processes,
  });
}

/** Somebody else rolls a version out. */
export function otherRefresh(world: SimulatedAws, version: string) {
  return world.operation('StartInstanceRefresh', {
    AutoScalingGroupName: groupName,
    DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: version } },
    Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
  });
}

/** Somebody cancels the refresh and rolls another version out. */
export async function replaceRefresh(world: SimulatedAws, version: string) {
  await world.operation('CancelInstanceRefresh', {
    AutoScalingGroupName: groupName,
    WaitForTransitioningInstances: false,
  });
  return otherRefresh(world, version);
}
