/** What the fleet engine remembers. Plain data: every time is milliseconds since the epoch, every duration seconds. */
import type { HealthyPercentages } from './capacity-range.ts';
import type { AlarmState, InstanceState, TargetHealth, TemplateVersion } from './driver.ts';

/** The API's states of an instance; those of a warm pool do not occur. */
export type LifecycleState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'
  | 'Terminating:Retained'
  | 'Terminated';

/** When a lifecycle hook holds an instance. */
export type LifecycleTransition =
  'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING';

/** Why an instance was marked Unhealthy: decides the Cause of the activities that replace it. */
export type UnhealthyBecause = 'ec2-stopped' | 'elb' | 'user';

/** A launch template by id or name, in the API's own spelling. */
export interface LaunchTemplateSpecification {
  LaunchTemplateId?: string;
  LaunchTemplateName?: string;
  /** '7', '$Latest' or '$Default', as it was given; kept symbolic. */
  Version: string;
}

/** What new instances are made of. The policy is kept as given; its base template is what is launched. */
export interface LaunchConfiguration {
  launchTemplate: LaunchTemplateSpecification;
  mixedInstancesPolicy?: Record<string, unknown>;
}

/** As PutLifecycleHook gave it; `heartbeatTimeout` is 30 to 7200 seconds. */
export interface LifecycleHook {
  name: string;
  transition: LifecycleTransition;
  heartbeatTimeout: number;
  defaultResult: 'CONTINUE' | 'ABANDON';
  notificationTargetArn?: string;
  roleArn?: string;
  notificationMetadata?: string;
}

/** Sizes that a group gets at a time. */
export interface ScheduledAction {
  name: string;
  arn: string;
  startTime?: number;
  endTime?: number;
  /** Five fields as crontab has them, in the time zone; UTC where none is named. */
  recurrence?: string;
  timeZone?: string;
  minSize?: number;
  maxSize?: number;
  desiredCapacity?: number;
  /** When it is due next. */
  nextAt: number;
}

/** One hook that waits, or waited, on one instance. */
export interface LifecycleAction {
  hook: string;
  token: string;
  heartbeatTimeout: number;
  defaultResult: 'CONTINUE' | 'ABANDON';
  deadline: number;
  globalDeadline: number;
  result?: 'CONTINUE' | 'ABANDON';
  timedOut?: boolean;
}

/** An instance of a group, as the group sees it. */
export interface Instance {
  id: string;
  group: string;
  availabilityZone: string;
  subnetId: string;
  privateIpAddress: string;
  lifecycle: LifecycleState;
  health: 'Healthy' | 'Unhealthy';
  unhealthyBecause?: UnhealthyBecause;
  protectedFromScaleIn: boolean;
  template: { id: string; name: string; version: number; instanceType: string; imageId: string };
  launchedAt: number;
  inServiceAt?: number;
  /** Set once EC2 knows the instance: until then a launch may still fail without leaving an id. */
  accepted: boolean;
  /** The refresh (and its direction) that this instance was launched under. */
  launchedBy?: { refresh: string; rollback: boolean };
  /** The refresh that took this instance out of service. */
  replacedBy?: string;
  /** What its launch answers: given back when the launch fails, so that the retry has the same Cause. */
  launchReason: LaunchReason;
  /** The activity that is under way for this instance. */
  activity?: Activity;
  actions: LifecycleAction[];
}

/** Those of the API's status codes that occur here. */
export type ActivityStatus =
  | 'PreInService'
  | 'InProgress'
  | 'WaitingForELBConnectionDraining'
  | 'MidLifecycleAction'
  | 'Successful'
  | 'Failed'
  | 'Cancelled';

/** A scaling activity, as DescribeScalingActivities has it. */
export interface Activity {
  id: string;
  description: string;
  cause: string;
  startTime: number;
  endTime?: number;
  statusCode: ActivityStatus;
  statusMessage?: string;
  progress: number;
  details: string;
}

/** All of the API's statuses of an instance refresh. */
export type RefreshStatus =
  | 'Pending'
  | 'InProgress'
  | 'Successful'
  | 'Failed'
  | 'Cancelling'
  | 'Cancelled'
  | 'RollbackInProgress'
  | 'RollbackFailed'
  | 'RollbackSuccessful'
  | 'Baking';

/**
 * With every default filled in: warmup, checkpoint delay and bake time in seconds, checkpoints in rising per cent.
 */
export interface RefreshPreferences extends HealthyPercentages {
  instanceWarmup: number;
  checkpointPercentages: number[];
  checkpointDelay?: number;
  bakeTime?: number;
  skipMatching: boolean;
  autoRollback: boolean;
  alarms: string[];
  scaleInProtectedInstances: 'Refresh' | 'Ignore' | 'Wait';
  standbyInstances: 'Terminate' | 'Ignore' | 'Wait';
}

/** An instance refresh, from its start to its end and after it. */
export interface Refresh {
  id: string;
  status: RefreshStatus;
  statusReason?: string;
  createdAt: number;
  startTime?: number;
  endTime?: number;
  preferences: RefreshPreferences;
  /** What the caller asked for. Absent: the group's saved configuration. */
  desiredConfiguration?: LaunchConfiguration;
  percentageComplete: number;
  instancesToUpdate: number;
  rollback?: {
    reason: string;
    startTime: number;
    percentageComplete: number;
    instancesToUpdate: number;
  };
  /** Old instances of the set under way that go only when their replacements serve. Each is one of surge. */
  outgoing: string[];
  /** Best progress so far in this direction, and when it was made: what the one-hour clock looks at. */
  progress: { best: number; at: number };
  /** Highest checkpoint that was announced, and until when its delay runs. */
  checkpoint: { reached: number; waitUntil: number };
  bakeUntil?: number;
}

/** A tag of a group. */
export interface Tag {
  key: string;
  value: string;
  propagateAtLaunch: boolean;
}

/** 'Added' until one instance has passed the load balancer's health check; only then ELB health counts. */
export type AttachmentState = 'Added' | 'InService';

/** Everything CreateAutoScalingGroup and UpdateAutoScalingGroup set, defaults filled in. */
export interface GroupSettings {
  configuration: LaunchConfiguration;
  minSize: number;
  maxSize: number;
  desiredCapacity: number;
  desiredCapacityType?: string;
  defaultCooldown: number;
  defaultInstanceWarmup?: number;
  healthCheckType: string;
  healthCheckGracePeriod: number;
  availabilityZones: string[];
  vpcZoneIdentifier?: string;
  terminationPolicies: string[];
  newInstancesProtectedFromScaleIn: boolean;
  capacityRebalance?: boolean;
  maxInstanceLifetime?: number;
  instanceMaintenancePolicy?: { minHealthyPercentage: number; maxHealthyPercentage: number };
  placementGroup?: string;
  serviceLinkedRoleArn: string;
  context?: string;
  deletionProtection?: string;
  /** Structures that are stored and given back as they came. */
  stored: Record<string, unknown>;
}

/** Where instances may be launched. */
export interface Subnet {
  subnetId: string;
  availabilityZone: string;
  cidrBlock: string;
}

/** Why the next launches happen; each launch takes one. */
export type LaunchReason = 'difference' | 'refresh' | 'unhealthy';

/** An Auto Scaling group with everything that hangs on it. */
export interface Group {
  name: string;
  arn: string;
  createdAt: number;
  settings: GroupSettings;
  /** Where instances go; at least one entry. */
  subnets: Subnet[];
  targetGroups: Map<string, AttachmentState>;
  /** Traffic sources that are not elbv2: stored, not acted on. */
  otherTrafficSources: { Identifier: string; Type: string }[];
  loadBalancerNames: string[];
  tags: Tag[];
  suspended: Map<string, string>;
  metrics: Set<string>;
  hooks: Map<string, LifecycleHook>;
  policies: Map<string, Record<string, unknown>>;
  scheduled: Map<string, ScheduledAction>;
  instances: Map<string, Instance>;
  /** Oldest first. */
  activities: Activity[];
  /** Oldest first. */
  refreshes: Refresh[];
  launchReasons: LaunchReason[];
  /** The sentence that explains why the desired capacity is what it is, until the group has got there. */
  capacityCause?: string;
  retry: { failures: number; notBefore: number };
  /** Set by ForceDelete: no launches, and the group goes with its last instance. */
  deleting: boolean;
  /** So that "all remaining instances are protected" is said once, not on every step. */
  saidProtected: boolean;
}

/** All groups of the account. */
export interface FleetState {
  accountId: string;
  region: string;
  groups: Map<string, Group>;
  /** Activities of deleted groups, for IncludeDeletedGroups. */
  deletedActivities: { group: string; arn: string; activity: Activity }[];
  /** Makes ids; given from outside so that a run can be repeated. */
  newId: (kind: 'instance' | 'uuid') => string;
}

/** What the engine is told about the world at one moment. */
export interface Observations {
  instance: (instanceId: string) => InstanceState | undefined;
  /** By target group: the targets by instance id. */
  targets: (targetGroupArn: string) => ReadonlyMap<string, TargetHealth> | undefined;
  alarm: (name: string) => AlarmState | undefined;
  /** The template version that a specification means now; undefined when it can't be resolved. */
  template: (specification: LaunchTemplateSpecification) => TemplateVersion | undefined;
  /** Launches that failed since the last step. */
  launchFailures: readonly { instanceId: string; statusMessage: string }[];
}

/** What the engine wants done. Each is safe to do twice. */
export type Effect =
  | { do: 'launch'; instanceId: string; group: string; configuration: LaunchConfiguration }
  | { do: 'terminate'; instanceId: string }
  | { do: 'register'; targetGroupArn: string; instanceId: string }
  | { do: 'deregister'; targetGroupArn: string; instanceId: string };

/** Everything one step works with. */
export interface Step {
  state: FleetState;
  now: number;
  seen: Observations;
  effects: Effect[];
}

const activeStatuses: readonly RefreshStatus[] = [
  'Pending',
  'InProgress',
  'Baking',
  'Cancelling',
  'RollbackInProgress',
];

/** The refresh that blocks another one, if there is one. */
export function activeRefresh(group: Group): Refresh | undefined {
  const last = group.refreshes.at(-1);
  return last !== undefined && activeStatuses.includes(last.status) ? last : undefined;
}

/** On its way in: launched, and not in service yet. */
export const isPending = (instance: Instance): boolean => instance.lifecycle.startsWith('Pending');
/** Kept for somebody to look at: nobody waits for it. */
export const isRetained = (instance: Instance): boolean => instance.lifecycle === 'Terminating:Retained';
/** On its way out, or gone. */
export const isTerminating = (instance: Instance): boolean =>
  instance.lifecycle.startsWith('Terminat') && !isRetained(instance);

/** Counts toward the desired capacity: on its way in, or in service. */
export const countsAsCapacity = (instance: Instance): boolean =>
  isPending(instance) || instance.lifecycle === 'InService';

/** The configuration that new instances get now: a refresh's while it moves forward, else the saved one. */
export function launchConfiguration(group: Group): LaunchConfiguration {
  const refresh = activeRefresh(group);
  if (refresh?.desiredConfiguration && (refresh.status === 'InProgress' || refresh.status === 'Baking')) {
    return refresh.desiredConfiguration;
  }
  return group.settings.configuration;
}

/** Seconds an instance needs after InService before it counts, when no refresh says otherwise. */
export const groupWarmup = (settings: GroupSettings): number =>
  settings.defaultInstanceWarmup ?? settings.healthCheckGracePeriod;

/** The group is no more; what it did can still be asked for. */
export function removeGroup(state: FleetState, group: Group): void {
  state.groups.delete(group.name);
  const gone = group.activities.map((activity) => ({ group: group.name, arn: group.arn, activity }));
  state.deletedActivities = [...state.deletedActivities, ...gone].slice(-5000);
}
