import type {
  ActivityObservation,
  AlarmObservation,
  BootMarker,
  HookObservation,
  TargetObservation,
} from './observations.ts';

/** Why Auto Scaling itself took a new instance out of service. */
export type ReplacedFor = 'elb' | 'ec2' | 'user' | undefined;

/** One instance that this rollout brought up, living or gone. All ages are seconds. */
export interface NewInstance {
  id: string;
  /** AWS's lifecycle state, or 'gone' once the group no longer lists it. */
  lifecycleState: string;
  healthStatus: string;
  /** Since it was first seen. */
  age: number;
  /** Since it was first seen in service; undefined before that. */
  inService: number | undefined;
  /** In service, healthy for Auto Scaling, and healthy in every target group. */
  serving: boolean;
  /** It was serving once. */
  hasServed: boolean;
  /** How often the load balancer called it unhealthy after it had served, while it stayed in service. */
  lapses: number;
  /** Seconds in service without serving, since it last served or came into service. */
  notServing: number;
  targets: TargetObservation[];
  marker: BootMarker | undefined;
  replacedFor: ReplacedFor;
  /** It was there before this run: that its boot failed says nothing about what was mended since. */
  early: boolean;
}

/** What the verdict and the diagnosis judge. */
export interface RolloutFacts {
  desired: number;
  instances: NewInstance[];
  /** Failed and abandoned launches since the start, newest first. */
  failedLaunches: ActivityObservation[];
  /** Seconds between the first and the last failed launch, by AWS's clock. */
  failedLaunchSpan: number;
  /** True when an instance came up after the last failed launch. */
  launchedSince: boolean;
  /** Guard alarms in ALARM, and for how many seconds they have been seen so. */
  alarms: (AlarmObservation & { seconds: number })[];
  /** Guard alarms that were in ALARM at any look, as they were then: they go out when the new instances are gone. */
  alarmsSeen: AlarmObservation[];
  hooks: HookObservation[];
  suspendedProcesses: string[];
  /** Old instances under scale-in protection, and those in Standby. */
  protectedInstances: string[];
  standbyInstances: string[];
  /** Old instances in service that the load balancer calls unhealthy now, and those that serve. */
  oldUnhealthy: number;
  oldServing: number;
  /** Seconds since anything moved. */
  quiet: number;
  /** What AWS says it waits for. */
  statusReason: string;
}
