/** The settings of a group: read from CreateAutoScalingGroup and UpdateAutoScalingGroup, checked as AWS checks them. */
import type { GroupSettings } from '../engine/index.ts';
import { type Parameters, validationError } from './parameters.ts';

/** Stored and given back as they came; nothing here acts on them. */
const storedStructures = [
  'AvailabilityZoneDistribution',
  'AvailabilityZoneImpairmentPolicy',
  'CapacityReservationSpecification',
  'InstanceLifecyclePolicy',
  'Operator',
];

const terminationPolicies = [
  'OldestInstance',
  'NewestInstance',
  'OldestLaunchConfiguration',
  'ClosestToNextInstanceHour',
  'Default',
  'OldestLaunchTemplate',
  'AllocationStrategy',
];

const healthCheckTypes = ['EC2', 'ELB', 'VPC_LATTICE', 'EBS'];

/** What AWS fills in where a new group's request says nothing. */
export const defaultSettings = (accountId: string): Omit<GroupSettings, 'configuration'> => ({
  minSize: 0,
  maxSize: 0,
  desiredCapacity: 0,
  defaultCooldown: 300,
  healthCheckType: 'EC2',
  healthCheckGracePeriod: 0,
  availabilityZones: [],
  terminationPolicies: ['Default'],
  newInstancesProtectedFromScaleIn: false,
  serviceLinkedRoleArn:
    `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/` +
    'AWSServiceRoleForAutoScaling',
  stored: {
    AvailabilityZoneDistribution: { CapacityDistributionStrategy: 'balanced-best-effort' },
    AvailabilityZoneImpairmentPolicy: {
      ZonalShiftEnabled: false,
      ImpairedZoneHealthCheckBehavior: 'ReplaceUnhealthy',
    },
    CapacityReservationSpecification: { CapacityReservationPreference: 'default' },
  },
});

/** Copies what a request gives over the settings. @throws ApiError ValidationError */
export function applySettings(settings: GroupSettings, parameters: Parameters): void {
  applySize(settings, parameters);
  applyHealth(settings, parameters);
  applyPlacement(settings, parameters);
  applyReplacement(settings, parameters);
  parameters.check();
  checkSize(settings);
}

function applySize(settings: GroupSettings, parameters: Parameters): void {
  settings.minSize = parameters.integer('MinSize', { min: 0 }) ?? settings.minSize;
  settings.maxSize = parameters.integer('MaxSize', { min: 0 }) ?? settings.maxSize;
  const desired = parameters.integer('DesiredCapacity', { min: 0 });
  // Without a desired capacity the current one is moved into the new bounds.
  settings.desiredCapacity =
    desired ?? Math.min(Math.max(settings.desiredCapacity, settings.minSize), settings.maxSize);
  const type = parameters.text('DesiredCapacityType');
  if (type !== undefined) settings.desiredCapacityType = type;
  settings.defaultCooldown = parameters.integer('DefaultCooldown', { min: 0 }) ?? settings.defaultCooldown;
}

function checkSize({ minSize, maxSize, desiredCapacity }: GroupSettings): void {
  if (minSize > maxSize) {
    throw validationError(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  }
  if (desiredCapacity < minSize || desiredCapacity > maxSize) {
    throw validationError(
      `Desired capacity:${desiredCapacity} must be between the specified min size:${minSize} ` +
        `and max size:${maxSize}`,
    );
  }
}

function applyHealth(settings: GroupSettings, parameters: Parameters): void {
  const type = parameters.text('HealthCheckType');
  if (type !== undefined) {
    const unknown = type.split(',').find((part) => !healthCheckTypes.includes(part));
    if (unknown !== undefined) {
      throw validationError(`Invalid Health Check Type. Valid types are ${healthCheckTypes.join(', ')}.`);
    }
    settings.healthCheckType = type;
  }
  settings.healthCheckGracePeriod =
    parameters.integer('HealthCheckGracePeriod', { min: 0 }) ?? settings.healthCheckGracePeriod;
  const warmup = parameters.integer('DefaultInstanceWarmup', { min: -1 });
  if (warmup === -1) delete settings.defaultInstanceWarmup;
  else if (warmup !== undefined) settings.defaultInstanceWarmup = warmup;
}

function applyPlacement(settings: GroupSettings, parameters: Parameters): void {
  settings.availabilityZones = parameters.texts('AvailabilityZones') ?? settings.availabilityZones;
  const subnets = parameters.text('VPCZoneIdentifier');
  if (subnets !== undefined) settings.vpcZoneIdentifier = subnets;
  const placementGroup = parameters.text('PlacementGroup');
  if (placementGroup !== undefined) settings.placementGroup = placementGroup;
  settings.serviceLinkedRoleArn = parameters.text('ServiceLinkedRoleARN') ?? settings.serviceLinkedRoleArn;
  const context = parameters.text('Context');
  if (context !== undefined) settings.context = context;
  for (const name of storedStructures) {
    const structure = parameters.structure(name);
    if (structure !== undefined) settings.stored = { ...settings.stored, [name]: structure.raw };
  }
}

function applyReplacement(settings: GroupSettings, parameters: Parameters): void {
  const policies = parameters.texts('TerminationPolicies');
  const unknown = policies?.find(
    (policy) => !terminationPolicies.includes(policy) && !policy.startsWith('arn:'),
  );
  if (unknown !== undefined) throw validationError(`Termination policy ${unknown} is not valid.`);
  if (policies !== undefined) settings.terminationPolicies = policies.length === 0 ? ['Default'] : policies;
  settings.newInstancesProtectedFromScaleIn =
    parameters.boolean('NewInstancesProtectedFromScaleIn') ?? settings.newInstancesProtectedFromScaleIn;
  const rebalance = parameters.boolean('CapacityRebalance');
  if (rebalance !== undefined) settings.capacityRebalance = rebalance;
  const deletion = parameters.text('DeletionProtection');
  if (deletion !== undefined) settings.deletionProtection = deletion;
  applyLifetime(settings, parameters);
  applyMaintenance(settings, parameters);
}

function applyLifetime(settings: GroupSettings, parameters: Parameters): void {
  const lifetime = parameters.integer('MaxInstanceLifetime', { min: 0 });
  if (lifetime === undefined) return;
  if (lifetime === 0) delete settings.maxInstanceLifetime;
  else if (lifetime < 86_400) {
    throw validationError('Max instance lifetime must be 0 or at least 86400 seconds.');
  } else settings.maxInstanceLifetime = lifetime;
}

/** -1 for both takes the policy away. */
function applyMaintenance(settings: GroupSettings, parameters: Parameters): void {
  const policy = parameters.structure('InstanceMaintenancePolicy');
  if (policy === undefined) return;
  const min = policy.integer('MinHealthyPercentage');
  const max = policy.integer('MaxHealthyPercentage');
  if (min === -1 && max === -1) {
    delete settings.instanceMaintenancePolicy;
    return;
  }
  if (min === undefined || max === undefined || min < 0 || max < 100 || max - min > 100) {
    throw validationError(
      'The instance maintenance policy needs both a minimum (0-100) and a maximum (100-200) healthy percentage, ' +
        'no more than 100 apart.',
    );
  }
  settings.instanceMaintenancePolicy = { minHealthyPercentage: min, maxHealthyPercentage: max };
}
