/** Answers about the account, and about what the fleet does not have: warm pools, notifications. */
import type { ApiCall } from '../../gateway/index.ts';
import { type FleetContext, groupOf } from './context.ts';
import { Parameters } from './parameters.ts';

/** The default quotas. */
export const describeAccountLimits = (context: FleetContext): object => ({
  MaxNumberOfAutoScalingGroups: 500,
  MaxNumberOfLaunchConfigurations: 200,
  NumberOfAutoScalingGroups: context.state.groups.size,
  NumberOfLaunchConfigurations: 0,
});

export function describeWarmPool(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.required('AutoScalingGroupName');
  groupOf(context, name);
  return { Instances: [] };
}

export const describeNotificationConfigurations = (): object => ({ NotificationConfigurations: [] });
export const describeLaunchConfigurations = (): object => ({ LaunchConfigurations: [] });
export const describeLoadBalancers = (): object => ({ LoadBalancers: [] });

export const describeAdjustmentTypes = (): object => ({
  AdjustmentTypes: ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'].map((AdjustmentType) => ({
    AdjustmentType,
  })),
});

export const describeLifecycleHookTypes = (): object => ({
  LifecycleHookTypes: ['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING'],
});

export const describeAutoScalingNotificationTypes = (): object => ({
  AutoScalingNotificationTypes: [
    'autoscaling:EC2_INSTANCE_LAUNCH',
    'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
    'autoscaling:EC2_INSTANCE_TERMINATE',
    'autoscaling:EC2_INSTANCE_TERMINATE_ERROR',
    'autoscaling:TEST_NOTIFICATION',
  ],
});

export const describeTerminationPolicyTypes = (): object => ({
  TerminationPolicyTypes: [
    'AllocationStrategy',
    'ClosestToNextInstanceHour',
    'Default',
    'NewestInstance',
    'OldestInstance',
    'OldestLaunchConfiguration',
    'OldestLaunchTemplate',
  ],
});
