/** What every operation of the API works with. */
import type {
  Alarms,
  Clock,
  FleetState,
  Group,
  Instance,
  LaunchTemplateSpecification,
  Step,
  Subnet,
  TargetRegistry,
  Templates,
  TemplateVersion,
} from '../engine/index.ts';
import { ApiError } from '../../gateway/index.ts';
import { validationError } from './parameters.ts';

/** Resolves subnets; without it every subnet is assumed to be in the region's zones in turn. */
export interface Network {
  subnets(subnetIds: string[]): Promise<Subnet[]>;
}

/** The fleet as an operation sees it: what it remembers, and the world outside of it. */
export interface FleetContext {
  state: FleetState;
  clock: Clock;
  templates: Templates;
  targetGroups: TargetRegistry;
  alarms: Alarms;
  network: Network;
  /** Resolves a template and remembers it for the engine. */
  resolve(specification: LaunchTemplateSpecification): Promise<TemplateVersion>;
  /** Runs a change of the state that has effects, and carries the effects out. */
  act<T>(change: (step: Step) => T): T;
}

/** @throws ApiError ValidationError when there is no such group (AWS's exact text is not known) */
export function groupOf(context: FleetContext, name: string): Group {
  const group = context.state.groups.get(name);
  if (group === undefined) {
    throw validationError(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  }
  return group;
}

/** A group that may be changed: not one that is being deleted. */
export function changeableGroup(context: FleetContext, name: string): Group {
  const group = groupOf(context, name);
  if (group.deleting) {
    throw new ApiError('ScalingActivityInProgress', `AutoScalingGroup '${name}' is pending delete.`);
  }
  return group;
}

/** @throws ApiError ValidationError, in AWS's words, when no group has the instance */
export function instanceOf(context: FleetContext, id: string): { group: Group; instance: Instance } {
  for (const group of context.state.groups.values()) {
    const instance = group.instances.get(id);
    if (instance) return { group, instance };
  }
  throw validationError(`Instance Id not found - No managed instance found for instance ID ${id}`);
}

/** The named instances of one group. @throws ApiError ValidationError when one of them is not in it */
export function instancesOf(group: Group, ids: readonly string[]): Instance[] {
  return ids.map((id) => {
    const instance = group.instances.get(id);
    if (instance === undefined) {
      throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
    }
    return instance;
  });
}
