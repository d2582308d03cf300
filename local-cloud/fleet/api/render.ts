/** Groups, instances and activities as the Describe operations answer them. */
import type { Activity, Group, Instance } from '../engine/index.ts';
import { renderConfiguration } from './configuration.ts';

export const renderTags = (group: Group): Record<string, unknown>[] =>
  [...group.tags]
    .sort((a, b) => a.key.localeCompare(b.key))
    .map((tag) => ({
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      Key: tag.key,
      Value: tag.value,
      PropagateAtLaunch: tag.propagateAtLaunch,
    }));

/** An instance shows from the moment EC2 knows it: a launch that was refused never had an id. */
export const isVisible = (instance: Instance): boolean => instance.accepted;

export function renderInstance(instance: Instance): Record<string, unknown> {
  return {
    InstanceId: instance.id,
    InstanceType: instance.template.instanceType,
    AvailabilityZone: instance.availabilityZone,
    LifecycleState: instance.lifecycle,
    HealthStatus: instance.health,
    LaunchTemplate: {
      LaunchTemplateId: instance.template.id,
      LaunchTemplateName: instance.template.name,
      Version: String(instance.template.version),
    },
    ProtectedFromScaleIn: instance.protectedFromScaleIn,
  };
}

/** DescribeAutoScalingInstances writes the health status in capitals, DescribeAutoScalingGroups does not. */
export const renderInstanceDetails = (instance: Instance): Record<string, unknown> => ({
  ...renderInstance(instance),
  HealthStatus: instance.health.toUpperCase(),
  AutoScalingGroupName: instance.group,
});

export const trafficSourcesOf = (group: Group): { Identifier: string; Type: string }[] => [
  ...[...group.targetGroups.keys()].map((arn) => ({ Identifier: arn, Type: 'elbv2' })),
  ...group.otherTrafficSources,
];

export function renderGroup(group: Group, includeInstances = true): Record<string, unknown> {
  const { settings } = group;
  const policy = settings.instanceMaintenancePolicy;
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    ...renderConfiguration(settings.configuration),
    MinSize: settings.minSize,
    MaxSize: settings.maxSize,
    DesiredCapacity: settings.desiredCapacity,
    DesiredCapacityType: settings.desiredCapacityType,
    DefaultCooldown: settings.defaultCooldown,
    DefaultInstanceWarmup: settings.defaultInstanceWarmup,
    AvailabilityZones: settings.availabilityZones,
    LoadBalancerNames: group.loadBalancerNames,
    TargetGroupARNs: [...group.targetGroups.keys()],
    TrafficSources: trafficSourcesOf(group),
    HealthCheckType: settings.healthCheckType,
    HealthCheckGracePeriod: settings.healthCheckGracePeriod,
    Instances: includeInstances ? [...group.instances.values()].filter(isVisible).map(renderInstance) : [],
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
      ProcessName,
      SuspensionReason,
    })),
    PlacementGroup: settings.placementGroup,
    VPCZoneIdentifier: settings.vpcZoneIdentifier ?? '',
    EnabledMetrics: [...group.metrics].map((Metric) => ({ Metric, Granularity: '1Minute' })),
    Status: group.deleting ? 'Delete in progress' : undefined,
    Tags: renderTags(group),
    TerminationPolicies: settings.terminationPolicies,
    NewInstancesProtectedFromScaleIn: settings.newInstancesProtectedFromScaleIn,
    ServiceLinkedRoleARN: settings.serviceLinkedRoleArn,
    MaxInstanceLifetime: settings.maxInstanceLifetime,
    CapacityRebalance: settings.capacityRebalance,
    Context: settings.context,
    InstanceMaintenancePolicy: policy && {
      MinHealthyPercentage: policy.minHealthyPercentage,
      MaxHealthyPercentage: policy.maxHealthyPercentage,
    },
    DeletionProtection: settings.deletionProtection ?? 'none',
    ...settings.stored,
  };
}

export function renderActivity(
  activity: Activity,
  owner: { name: string; arn: string; deleted?: boolean },
): Record<string, unknown> {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: owner.name,
    AutoScalingGroupARN: owner.arn,
    AutoScalingGroupState: owner.deleted ? 'Deleted' : undefined,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startTime),
    EndTime: activity.endTime === undefined ? undefined : new Date(activity.endTime),
    StatusCode: activity.statusCode,
    StatusMessage: activity.statusMessage,
    Progress: activity.progress,
    Details: activity.details,
  };
}
