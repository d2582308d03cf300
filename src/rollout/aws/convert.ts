import type { Activity, AutoScalingGroup, Instance, InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import type {
  TargetGroup,
  TargetGroupAttribute,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { imagesInUserData } from '../../core/index.ts';
import type {
  ActivityObservation,
  GroupObservation,
  InstanceObservation,
  RefreshObservation,
  RolloutMark,
  TargetGroupObservation,
  TargetObservation,
  TemplateObservation,
} from '../model/index.ts';
import { versionNumber } from '../model/index.ts';

/** The SDK's shapes, where everything is optional, as observations, where what is missing has its meaning. */

export function instanceOf(instance: Instance): InstanceObservation {
  return {
    id: instance.InstanceId ?? '',
    lifecycleState: instance.LifecycleState ?? '',
    healthStatus: instance.HealthStatus ?? '',
    availabilityZone: instance.AvailabilityZone ?? '',
    templateId: instance.LaunchTemplate?.LaunchTemplateId,
    templateVersion: versionNumber(instance.LaunchTemplate?.Version),
    protectedFromScaleIn: instance.ProtectedFromScaleIn ?? false,
  };
}

export function groupOf(group: AutoScalingGroup): GroupObservation {
  const template =
    group.LaunchTemplate ??
    group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ??
    undefined;
  const policy = group.InstanceMaintenancePolicy;
  const sources = (group.TrafficSources ?? []).map(({ Identifier: id = '', Type: type = 'elbv2' }) => ({
    type,
    id,
  }));
  const traffic = sources.filter(({ type, id }) => type === 'elbv2' && id.includes(':targetgroup/'));
  const classic = (group.LoadBalancerNames ?? []).map((id) => ({ type: 'elb', id }));
  return {
    name: group.AutoScalingGroupName ?? '',
    arn: group.AutoScalingGroupARN ?? '',
    createdAt: group.CreatedTime,
    desired: group.DesiredCapacity ?? 0,
    minSize: group.MinSize ?? 0,
    maxSize: group.MaxSize ?? 0,
    healthCheckTypes: (group.HealthCheckType ?? 'EC2').split(',').map((type) => type.trim()),
    healthCheckGracePeriod: group.HealthCheckGracePeriod ?? 0,
    // AWS answers -1 for a default warmup that was taken away again.
    defaultInstanceWarmup: (group.DefaultInstanceWarmup ?? -1) < 0 ? undefined : group.DefaultInstanceWarmup,
    maintenancePolicy: policy && {
      minHealthyPercentage: policy.MinHealthyPercentage,
      maxHealthyPercentage: policy.MaxHealthyPercentage,
    },
    template: template && {
      id: template.LaunchTemplateId ?? '',
      name: template.LaunchTemplateName ?? '',
      // Without a version a group uses the default one (AutoScaling API, LaunchTemplateSpecification).
      version: template.Version ?? '$Default',
    },
    launchConfiguration: group.LaunchConfigurationName,
    mixedInstancesPolicy: group.MixedInstancesPolicy,
    targetGroupArns: [...new Set([...(group.TargetGroupARNs ?? []), ...traffic.map(({ id }) => id)])],
    otherTraffic: uniqueTraffic([...classic, ...sources.filter(({ type }) => type !== 'elbv2')]),
    suspendedProcesses: (group.SuspendedProcesses ?? []).map((process) => ({
      name: process.ProcessName ?? '',
      reason: process.SuspensionReason ?? '',
    })),
    terminationPolicies: group.TerminationPolicies ?? [],
    hasWarmPool: group.WarmPoolConfiguration !== undefined,
    ...(group.DeletionProtection !== undefined &&
      group.DeletionProtection !== 'none' && { deletionProtection: group.DeletionProtection }),
    ...rolloutOf(group.Tags),
    instances: (group.Instances ?? []).map(instanceOf),
  };
}

/** The key of the tag that says which version a blue/green rollout brings into a group, and in the place of which. */
export const rolloutTag = 'asg-deploy:rollout-to';

/** The value of that tag: "42 from 41". */
export function markText({ from, to }: RolloutMark): string {
  return from === undefined ? String(to) : `${to} from ${from}`;
}

function rolloutOf(tags: AutoScalingGroup['Tags'] = []): Pick<GroupObservation, 'rollout'> {
  const [to, from] = (tags.find(({ Key }) => Key === rolloutTag)?.Value ?? '')
    .split(' from ')
    .map(versionNumber);
  return to === undefined ? {} : { rollout: { from, to } };
}

/** AWS lists a classic load balancer both by its name and as a traffic source. */
function uniqueTraffic(sources: GroupObservation['otherTraffic']): GroupObservation['otherTraffic'] {
  return sources.filter(({ id }, index) => sources.findIndex((each) => each.id === id) === index);
}

/** An instance refresh as the API gives it, with a meaning for all that may be left out. */
export function refreshOf(refresh: InstanceRefresh): RefreshObservation {
  const wanted = refresh.DesiredConfiguration;
  const template =
    wanted?.LaunchTemplate ?? wanted?.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  return {
    id: refresh.InstanceRefreshId ?? '',
    status: refresh.Status ?? '',
    statusReason: refresh.StatusReason ?? '',
    percentageComplete: refresh.PercentageComplete ?? 0,
    instancesToUpdate: refresh.InstancesToUpdate ?? 0,
    startTime: refresh.StartTime,
    endTime: refresh.EndTime,
    target: template && { templateId: template.LaunchTemplateId ?? '', version: template.Version ?? '' },
    desiredConfiguration: wanted,
    preferences: refresh.Preferences,
    rollbackReason: refresh.RollbackDetails?.RollbackReason,
  };
}

export function activityOf(activity: Activity): ActivityObservation {
  const description = activity.Description ?? '';
  return {
    id: activity.ActivityId ?? '',
    kind: description.startsWith('Launching')
      ? 'launch'
      : description.startsWith('Terminating')
        ? 'terminate'
        : 'other',
    instanceId: /\bi-[0-9a-f]+\b/.exec(description)?.[0],
    description,
    cause: activity.Cause ?? '',
    statusCode: activity.StatusCode ?? '',
    statusMessage: activity.StatusMessage ?? '',
    startTime: activity.StartTime ?? new Date(0),
    endTime: activity.EndTime,
  };
}

export function targetOf(targetGroupArn: string, target: TargetHealthDescription): TargetObservation {
  return {
    targetGroupArn,
    instanceId: target.Target?.Id ?? '',
    port: target.Target?.Port,
    state: target.TargetHealth?.State ?? '',
    reason: target.TargetHealth?.Reason ?? '',
    description: target.TargetHealth?.Description ?? '',
  };
}

export function targetGroupOf(
  group: TargetGroup,
  attributes: readonly TargetGroupAttribute[],
): TargetGroupObservation {
  const attribute = (key: string) => attributes.find(({ Key }) => Key === key)?.Value;
  return {
    arn: group.TargetGroupArn ?? '',
    name: group.TargetGroupName ?? '',
    port: group.Port,
    path: group.HealthCheckPath ?? '',
    intervalSeconds: group.HealthCheckIntervalSeconds ?? 30,
    timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 5,
    healthyThreshold: group.HealthyThresholdCount ?? 5,
    unhealthyThreshold: group.UnhealthyThresholdCount ?? 2,
    deregistrationDelaySeconds: Number(attribute('deregistration_delay.timeout_seconds') ?? 300),
    sticky: attribute('stickiness.enabled') === 'true',
  };
}

export function templateOf({
  VersionNumber,
  LaunchTemplateData,
}: LaunchTemplateVersion): TemplateObservation {
  return {
    version: VersionNumber ?? 0,
    machineImage: LaunchTemplateData?.ImageId ?? '',
    byRequirements: LaunchTemplateData?.InstanceRequirements !== undefined,
    ...(LaunchTemplateData?.InstanceType !== undefined && { instanceType: LaunchTemplateData.InstanceType }),
    ...(LaunchTemplateData?.InstanceMarketOptions?.MarketType === 'spot' && { spot: true }),
    images: imagesInUserData(LaunchTemplateData?.UserData ?? ''),
  };
}
