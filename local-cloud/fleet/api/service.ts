/** The EC2 Auto Scaling API as a service of the gateway. */
import type { ApiCall, Operation, Service } from '../../gateway/index.ts';
import * as account from './account.ts';
import { describeScalingActivities } from './activities.ts';
import type { FleetContext } from './context.ts';
import * as groups from './groups.ts';
import * as hooks from './hooks.ts';
import * as instances from './instances.ts';
import * as policies from './policies.ts';
import * as processes from './processes.ts';
import * as refreshes from './refreshes.ts';
import * as schedules from './schedules.ts';
import * as tags from './tags.ts';
import * as traffic from './traffic.ts';

type FleetOperation = (context: FleetContext, call: ApiCall) => object | Promise<object>;

const operations: Record<string, FleetOperation> = {
  AttachLoadBalancerTargetGroups: traffic.attachLoadBalancerTargetGroups,
  AttachTrafficSources: traffic.attachTrafficSourcesOperation,
  BatchDeleteScheduledAction: schedules.batchDeleteScheduledAction,
  BatchPutScheduledUpdateGroupAction: schedules.batchPutScheduledUpdateGroupAction,
  CancelInstanceRefresh: refreshes.cancelInstanceRefresh,
  CompleteLifecycleAction: hooks.completeLifecycleAction,
  CreateAutoScalingGroup: groups.createAutoScalingGroup,
  CreateOrUpdateTags: tags.createOrUpdateTags,
  DeleteAutoScalingGroup: groups.deleteAutoScalingGroup,
  DeleteLifecycleHook: hooks.deleteLifecycleHook,
  DeletePolicy: policies.deletePolicy,
  DeleteScheduledAction: schedules.deleteScheduledAction,
  DeleteTags: tags.deleteTags,
  DescribeAccountLimits: account.describeAccountLimits,
  DescribeAdjustmentTypes: account.describeAdjustmentTypes,
  DescribeAutoScalingGroups: groups.describeAutoScalingGroups,
  DescribeAutoScalingInstances: instances.describeAutoScalingInstances,
  DescribeAutoScalingNotificationTypes: account.describeAutoScalingNotificationTypes,
  DescribeInstanceRefreshes: refreshes.describeInstanceRefreshes,
  DescribeLaunchConfigurations: account.describeLaunchConfigurations,
  DescribeLifecycleHookTypes: account.describeLifecycleHookTypes,
  DescribeLifecycleHooks: hooks.describeLifecycleHooks,
  DescribeLoadBalancers: account.describeLoadBalancers,
  DescribeLoadBalancerTargetGroups: traffic.describeLoadBalancerTargetGroups,
  DescribeMetricCollectionTypes: processes.describeMetricCollectionTypes,
  DescribeNotificationConfigurations: account.describeNotificationConfigurations,
  DescribePolicies: policies.describePolicies,
  DescribeScalingActivities: describeScalingActivities,
  DescribeScalingProcessTypes: processes.describeScalingProcessTypes,
  DescribeScheduledActions: schedules.describeScheduledActions,
  DescribeTags: tags.describeTags,
  DescribeTerminationPolicyTypes: account.describeTerminationPolicyTypes,
  DescribeTrafficSources: traffic.describeTrafficSources,
  DescribeWarmPool: account.describeWarmPool,
  DetachLoadBalancerTargetGroups: traffic.detachLoadBalancerTargetGroups,
  DetachTrafficSources: traffic.detachTrafficSources,
  DisableMetricsCollection: processes.disableMetricsCollection,
  EnableMetricsCollection: processes.enableMetricsCollection,
  EnterStandby: instances.enterStandby,
  ExecutePolicy: policies.executePolicy,
  ExitStandby: instances.exitStandby,
  PutLifecycleHook: hooks.putLifecycleHook,
  PutScalingPolicy: policies.putScalingPolicy,
  PutScheduledUpdateGroupAction: schedules.putScheduledUpdateGroupAction,
  RecordLifecycleActionHeartbeat: hooks.recordLifecycleActionHeartbeat,
  ResumeProcesses: processes.resumeProcesses,
  RollbackInstanceRefresh: refreshes.rollbackInstanceRefresh,
  SetDesiredCapacity: instances.setDesiredCapacity,
  SetInstanceHealth: instances.setInstanceHealth,
  SetInstanceProtection: instances.setInstanceProtection,
  StartInstanceRefresh: refreshes.startInstanceRefresh,
  SuspendProcesses: processes.suspendProcesses,
  TerminateInstanceInAutoScalingGroup: instances.terminateInstanceInAutoScalingGroup,
  UpdateAutoScalingGroup: groups.updateAutoScalingGroup,
};

/**
 * The fleet is in one region. In every other one there is nothing, as for an AWS client with the wrong region: lists
 * are empty, groups are not found, and no launch template exists that a group could be made with.
 */
function elsewhere(context: FleetContext, region: string): FleetContext {
  const state = { ...context.state, region, groups: new Map(), deletedActivities: [] };
  return {
    ...context,
    state,
    resolve: async ({ LaunchTemplateId, LaunchTemplateName }) => {
      const asked = LaunchTemplateId ?? LaunchTemplateName ?? '';
      throw new Error(`The specified launch template, ${asked}, does not exist in ${region}.`);
    },
  };
}

/**
 * @param afterChange called when an operation that is not a Describe has been answered
 */
export function createService(context: FleetContext, afterChange: () => void): Service {
  const bound = Object.entries(operations).map(([name, operation]): [string, Operation] => [
    name,
    async (call) => {
      const here = call.region === context.state.region ? context : elsewhere(context, call.region);
      const result = await operation(here, call);
      if (!name.startsWith('Describe')) afterChange();
      return result;
    },
  ]);
  return {
    protocol: 'query',
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations: Object.fromEntries(bound),
    ownedEntirely: true,
  };
}
