/** CreateAutoScalingGroup, UpdateAutoScalingGroup, DeleteAutoScalingGroup, DescribeAutoScalingGroups. */
import { type ApiCall, ApiError } from '../../gateway/index.ts';
import {
  activeRefresh,
  causes,
  type Group,
  type GroupSettings,
  isTerminating,
  removeGroup,
  type Subnet,
} from '../engine/index.ts';
import { readConfiguration } from './configuration.ts';
import { type FleetContext, changeableGroup, groupOf } from './context.ts';
import { readHook } from './hooks.ts';
import { Parameters, page, validationError } from './parameters.ts';
import { renderGroup } from './render.ts';
import { applySettings, defaultSettings } from './settings.ts';
import { readTags } from './tags.ts';
import { attachTrafficSources, checkTargetGroups } from './traffic.ts';

/**
 * Makes a group; its instances come with the next step of the engine.
 * Launch configurations and InstanceId are not supported: AWS itself no longer gives them to new accounts.
 * @throws ApiError AlreadyExists, ValidationError
 */
export async function createAutoScalingGroup(context: FleetContext, call: ApiCall): Promise<object> {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  refuseTaken(context, name);
  const configuration = await readConfiguration(context, parameters);
  if (configuration === undefined) {
    throw validationError(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or ' +
        'MixedInstancesPolicy parameter.',
    );
  }
  const settings: GroupSettings = { ...defaultSettings(call.accountId), configuration };
  applySettings(settings, parameters);
  const targetGroups = parameters.texts('TargetGroupARNs') ?? [];
  checkTargetGroups(context, targetGroups);
  const subnets = await placeGroup(context, settings);
  // Another call may have made it while subnets and template were looked up.
  refuseTaken(context, name);
  settings.availabilityZones = zonesOf(subnets);
  const group = newGroup(context, name, settings);
  group.subnets = subnets;
  group.tags = readTags(parameters, name);
  group.loadBalancerNames = parameters.texts('LoadBalancerNames') ?? [];
  for (const arn of targetGroups) group.targetGroups.set(arn, 'Added');
  attachTrafficSources(context, group, parameters.list('TrafficSources') ?? []);
  for (const hook of parameters.list('LifecycleHookSpecificationList') ?? []) readHook(group, hook);
  parameters.check();
  group.capacityCause = causes.created(context.clock.now(), settings.desiredCapacity);
  context.state.groups.set(name, group);
  return {};
}

function refuseTaken(context: FleetContext, name: string): void {
  if (!context.state.groups.has(name)) return;
  throw new ApiError(
    'AlreadyExists',
    `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
  );
}

function newGroup(context: FleetContext, name: string, settings: GroupSettings): Group {
  const { accountId, region } = context.state;
  const uuid = context.state.newId('uuid');
  return {
    name,
    arn: `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:${uuid}:autoScalingGroupName/${name}`,
    createdAt: context.clock.now(),
    settings,
    subnets: [],
    targetGroups: new Map(),
    otherTrafficSources: [],
    loadBalancerNames: [],
    tags: [],
    suspended: new Map(),
    metrics: new Set(),
    hooks: new Map(),
    policies: new Map(),
    scheduled: new Map(),
    instances: new Map(),
    activities: [],
    refreshes: [],
    launchReasons: [],
    retry: { failures: 0, notBefore: 0 },
    deleting: false,
    saidProtected: false,
  };
}

/** The subnets of a group, or one nameless subnet a zone. */
async function placeGroup(
  context: FleetContext,
  where: { vpcZoneIdentifier?: string; availabilityZones: string[] },
): Promise<Subnet[]> {
  const ids = (where.vpcZoneIdentifier ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (ids.length > 0) {
    return context.network.subnets(ids).catch((error: unknown) => {
      throw validationError(error instanceof Error ? error.message : String(error));
    });
  }
  if (where.availabilityZones.length === 0) {
    throw validationError('At least one Availability Zone or VPC Subnet is required.');
  }
  return where.availabilityZones.map((availabilityZone, index) => ({
    subnetId: '',
    availabilityZone,
    cidrBlock: `172.31.${16 * index}.0/20`,
  }));
}

const zonesOf = (subnets: readonly Subnet[]): string[] =>
  [...new Set(subnets.map((subnet) => subnet.availabilityZone))].sort();

/**
 * Changes a group. What instances are made of can't be changed while a refresh with a desired configuration runs.
 * @throws ApiError ValidationError
 */
export async function updateAutoScalingGroup(context: FleetContext, call: ApiCall): Promise<object> {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  changeableGroup(context, name);
  const configuration = await readConfiguration(context, parameters);
  const moves = parameters.has('VPCZoneIdentifier') || parameters.has('AvailabilityZones');
  const subnets = moves ? await placeGroup(context, placeAsked(parameters)) : undefined;
  // Looked up again: what was waited for may have taken a while.
  const group = changeableGroup(context, name);
  refuseBlocked(group, parameters);
  const settings = { ...group.settings, stored: { ...group.settings.stored } };
  if (configuration) settings.configuration = configuration;
  applySettings(settings, parameters);
  if (subnets) {
    group.subnets = subnets;
    settings.availabilityZones = zonesOf(subnets);
  }
  const from = group.settings.desiredCapacity;
  group.settings = settings;
  if (from !== settings.desiredCapacity) {
    const size = { min: settings.minSize, max: settings.maxSize, desired: settings.desiredCapacity, from };
    group.capacityCause = causes.updated(context.clock.now(), size);
  }
  return {};
}

function placeAsked(parameters: Parameters): { vpcZoneIdentifier?: string; availabilityZones: string[] } {
  const vpcZoneIdentifier = parameters.text('VPCZoneIdentifier');
  const availabilityZones = parameters.texts('AvailabilityZones') ?? [];
  return vpcZoneIdentifier === undefined ? { availabilityZones } : { vpcZoneIdentifier, availabilityZones };
}

function refuseBlocked(group: Group, parameters: Parameters): void {
  const changesConfiguration = ['LaunchTemplate', 'LaunchConfigurationName', 'MixedInstancesPolicy'].some(
    (key) => parameters.has(key),
  );
  if (changesConfiguration && activeRefresh(group)?.desiredConfiguration) {
    throw validationError(
      'An active instance refresh with a desired configuration exists. All configuration options derived from the ' +
        'desired configuration are not available for update while the instance refresh is active.',
    );
  }
}

/** @throws ApiError ResourceInUse, ScalingActivityInProgress, ValidationError */
export function deleteAutoScalingGroup(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  const force = parameters.boolean('ForceDelete') ?? false;
  const group = groupOf(context, name);
  const protection = group.settings.deletionProtection ?? 'none';
  if (protection === 'prevent-all-deletion' || (force && protection === 'prevent-force-deletion')) {
    throw validationError(`The Auto Scaling group ${name} has deletion protection ${protection}.`);
  }
  if (!force && group.instances.size > 0) {
    if ([...group.instances.values()].every((instance) => isTerminating(instance))) {
      throw new ApiError(
        'ScalingActivityInProgress',
        'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
      );
    }
    throw new ApiError(
      'ResourceInUse',
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still ' +
        'in the group.',
    );
  }
  group.deleting = true;
  if (group.instances.size === 0) removeGroup(context.state, group);
  return {};
}

/** @throws ApiError InvalidNextToken, ValidationError */
export function describeAutoScalingGroups(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const names = parameters.texts('AutoScalingGroupNames') ?? [];
  const filters = (parameters.list('Filters') ?? []).map((filter) => ({
    name: filter.text('Name') ?? '',
    values: filter.texts('Values') ?? [],
  }));
  const includeInstances = parameters.boolean('IncludeInstances') ?? true;
  const groups = [...context.state.groups.values()]
    .filter((group) => names.length === 0 || names.includes(group.name))
    .filter((group) => filters.every((filter) => passes(group, filter)))
    .sort((a, b) => a.name.localeCompare(b.name));
  const found = page(groups, parameters, { default: 50, max: 100 });
  return {
    AutoScalingGroups: found.items.map((group) => renderGroup(group, includeInstances)),
    NextToken: found.NextToken,
  };
}

function passes(group: Group, filter: { name: string; values: string[] }): boolean {
  const { name, values } = filter;
  if (name === 'tag-key') return group.tags.some((tag) => values.includes(tag.key));
  if (name === 'tag-value') return group.tags.some((tag) => values.includes(tag.value));
  if (name.startsWith('tag:')) {
    return group.tags.some((tag) => tag.key === name.slice(4) && values.includes(tag.value));
  }
  throw validationError(
    `Filter type ${name} is not correct. Allowed Filter types are: tag-key tag-value tag:<key>`,
  );
}
