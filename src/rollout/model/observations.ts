import type {
  DesiredConfiguration,
  MixedInstancesPolicy,
  RefreshPreferences,
} from '@aws-sdk/client-auto-scaling';

/** What AWS says, as plain data: everything the rollout decides is decided from these. Times are AWS's own clock. */

/** One instance of the group (AutoScaling API, Instance). */
export interface InstanceObservation {
  id: string;
  /** As AWS has it; see lifecycle-state.ts. */
  lifecycleState: string;
  /** Healthy or Unhealthy, as Auto Scaling sees it. */
  healthStatus: string;
  availabilityZone: string;
  templateId: string | undefined;
  /** undefined for instances of a launch configuration. */
  templateVersion: number | undefined;
  protectedFromScaleIn: boolean;
}

/** Which way a blue/green rollout goes; `from` is undefined where the version that it leaves is no number. */
export interface RolloutMark {
  from: number | undefined;
  to: number;
}

/** The group and its instances (AutoScaling API, AutoScalingGroup). */
export interface GroupObservation {
  name: string;
  arn: string;
  createdAt: Date | undefined;
  desired: number;
  minSize: number;
  maxSize: number;
  /** EC2, ELB … */
  healthCheckTypes: string[];
  /** Seconds. */
  healthCheckGracePeriod: number;
  /** Seconds; undefined when the group has none. */
  defaultInstanceWarmup: number | undefined;
  maintenancePolicy:
    { minHealthyPercentage: number | undefined; maxHealthyPercentage: number | undefined } | undefined;
  /** The saved configuration: the true target of a rollback. The version may be a number, $Latest or $Default. */
  template: { id: string; name: string; version: string } | undefined;
  launchConfiguration: string | undefined;
  /** The full policy of a mixed-instances group, to be rebuilt with another version. */
  mixedInstancesPolicy: MixedInstancesPolicy | undefined;
  targetGroupArns: string[];
  /** What else sends requests to its instances: classic load balancers, VPC Lattice. */
  otherTraffic: { type: string; id: string }[];
  suspendedProcesses: { name: string; reason: string }[];
  /** In their order; which instance a scale-in ends first. */
  terminationPolicies: string[];
  hasWarmPool: boolean;
  /** What a blue/green rollout brings into the group, by its tag; left out where none does. */
  rollout?: RolloutMark;
  /** What AWS refuses to delete the group with; left out where it does not. */
  deletionProtection?: 'prevent-force-deletion' | 'prevent-all-deletion';
  instances: InstanceObservation[];
}

/** The ten statuses of the API; a status that AWS adds later arrives as an unknown string. */
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

/** One instance refresh of the group (AutoScaling API, InstanceRefresh). */
export interface RefreshObservation {
  id: string;
  status: RefreshStatus | (string & {});
  statusReason: string;
  /** 0 to 100; in a rollback it falls back towards 0. */
  percentageComplete: number;
  instancesToUpdate: number;
  /** Absent while Pending. */
  startTime: Date | undefined;
  endTime: Date | undefined;
  /** What the refresh moves the group to, when it says so. */
  target: { templateId: string; version: string } | undefined;
  desiredConfiguration: DesiredConfiguration | undefined;
  preferences: RefreshPreferences | undefined;
  rollbackReason: string | undefined;
}

/** One scaling activity: a launch or a termination, tried or done (AutoScaling API, Activity). */
export interface ActivityObservation {
  id: string;
  kind: 'launch' | 'terminate' | 'other';
  /** From the description: the API has no field for it. */
  instanceId: string | undefined;
  description: string;
  cause: string;
  statusCode: string;
  statusMessage: string;
  startTime: Date;
  endTime: Date | undefined;
}

/** The health of one instance in one target group (ELBv2 API, TargetHealthDescription). */
export interface TargetObservation {
  targetGroupArn: string;
  instanceId: string;
  port: number | undefined;
  /** initial, healthy, unhealthy, unhealthy.draining, unused, draining, unavailable. */
  state: string;
  reason: string;
  description: string;
}

/** A target group, with its health check (ELBv2 API, TargetGroup and its attributes). */
export interface TargetGroupObservation {
  arn: string;
  name: string;
  port: number | undefined;
  path: string;
  /** Seconds. */
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  deregistrationDelaySeconds: number;
  /** It keeps a client with the target that it had first. */
  sticky?: boolean;
}

/** What a rule of the load balancer forwards where (ELBv2 API, ForwardActionConfig). */
export interface ForwardRuleObservation {
  /** By ARN of the target group. */
  weights: Record<string, number>;
  /** It keeps a client with the target group that it had first. */
  sticky: boolean;
}

/** A change of a group's sizes by the calendar (AutoScaling API, ScheduledUpdateGroupAction). */
export interface ScheduledActionObservation {
  name: string;
  startTime: Date | undefined;
  minSize: number | undefined;
  maxSize: number | undefined;
  desired: number | undefined;
}

/** A CloudWatch alarm that guards the rollout. */
export interface AlarmObservation {
  name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  state: string;
  reason: string;
}

/** A lifecycle hook of the group (AutoScaling API, LifecycleHook). */
export interface HookObservation {
  name: string;
  /** autoscaling:EC2_INSTANCE_LAUNCHING or …_TERMINATING. */
  transition: string;
  heartbeatTimeout: number;
  defaultResult: string;
}

/** One version of a launch template. */
export interface TemplateObservation {
  version: number;
  /** ami-…, or resolve:ssm:… where a parameter names the machine image. */
  machineImage: string;
  /** It asks for attributes of instances, not for an instance type. */
  byRequirements: boolean;
  /** Left out where the group's own policy has to name types. */
  instanceType?: string;
  /** It asks for Spot instances. */
  spot?: boolean;
  /** Every repository@digest that user data names. */
  images: string[];
}

/** An instance of the account that runs or starts. */
export interface RunningInstance {
  id: string;
  type: string;
  spot: boolean;
}

/** The lifecycle rule that will take an image away, and when: 0 for within a day. */
export interface ImageOutlook {
  rule: string;
  left: { pushes: number } | { days: number };
}

/** What user data says about the boot on the console. */
export interface BootMarker {
  /** restarted: the boot went well, and since then the container ended and was started again. */
  outcome: 'ok' | 'failed' | 'restarted';
  /** docker, login, pull, config, run or health; '' when the marker names none. */
  step: string;
  /** The rest of the marker's line. */
  details: string;
  /** The console's lines that belong to the failure, oldest first, not masked yet. */
  lastLines: string[];
  /** True when user data marked these lines as the container's own; else they are what the console showed before. */
  logged: boolean;
  /** What the health path answered last, status and body; '' when user data did not say. Not masked yet. */
  answer: string;
  /** How often the container was started again after it was healthy. */
  restarts: number;
}

/** Which version the rollout moves to, and from which one. */
export interface RolloutTarget {
  templateId: string;
  version: number;
  /** The group's saved version when it is a number. */
  previousVersion: number | undefined;
}
