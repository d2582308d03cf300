/**
 * What the fleet engine needs from the rest of the cloud. The Docker driver and the real load balancer implement
 * these interfaces, and so do the simulated ones in simulation/.
 */

/** Milliseconds since the epoch. The fleet never reads the machine's clock except through this. */
export interface Clock {
  now(): number;
}

/** One numbered launch template version, as EC2 resolves it. */
export interface TemplateVersion {
  id: string;
  name: string;
  version: number;
  imageId: string;
  instanceType: string;
  /** Decoded, not base64. */
  userData: string;
  instanceProfile?: string;
  keyName?: string;
  securityGroupIds?: string[];
  /** What it tags instances with. */
  tags?: Record<string, string>;
}

/** One instance to be started, with everything decided. */
export interface LaunchRequest {
  instanceId: string;
  group: string;
  availabilityZone: string;
  subnetId: string;
  privateIpAddress: string;
  template: TemplateVersion;
  /** Ports of the group's target groups: what the instance must make reachable for the load balancer. */
  targetPorts: number[];
  /** Tags with PropagateAtLaunch, and aws:autoscaling:groupName. */
  tags?: Record<string, string>;
}

/**
 * The instance could not be started. `statusMessage` is what the failed scaling activity shows after
 * "Status Reason: ", without the trailing "Launching EC2 instance failed.", which the fleet adds.
 */
export class LaunchFailure extends Error {
  readonly statusMessage: string;
  constructor(statusMessage: string) {
    super(statusMessage);
    this.name = 'LaunchFailure';
    this.statusMessage = statusMessage;
  }
}

/** EC2's states of an instance; `stopping` does not occur. */
export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'stopped' | 'terminated';

/** What runs the instances: containers, or a simulation. */
export interface InstanceDriver {
  /** Resolves when the instance is running (not: healthy). Rejects with LaunchFailure. */
  launch(request: LaunchRequest): Promise<void>;
  /** Graceful. Resolves when the instance is gone; also when there is no such instance. */
  terminate(instanceId: string): Promise<void>;
  describe(instanceId: string): { state: InstanceState } | undefined;
  /** What GetConsoleOutput gives, as text. */
  console(instanceId: string): string;
  close(): Promise<void>;
}

/** The states of the elbv2 API. */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';

/** One target of a target group, as DescribeTargetHealth has it. */
export interface TargetHealth {
  instanceId: string;
  port: number;
  state: TargetState;
  /** A reason code of the elbv2 API, for instance Target.ResponseCodeMismatch. Absent when healthy. */
  reason?: string;
  description?: string;
}

/** The health check of one target group, in the words of the elbv2 API. */
export interface HealthCheckSettings {
  path: string;
  port: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  matcher: string;
  deregistrationDelaySeconds: number;
}

/** The load balancer's side of a group's instances. */
export interface TargetRegistry {
  register(targetGroupArn: string, instanceId: string): void;
  /** Starts draining. The target stays in `health` as draining until it is drained, then disappears. */
  deregister(targetGroupArn: string, instanceId: string): void;
  health(targetGroupArn: string): TargetHealth[];
  /** Undefined when there is no such target group. */
  healthCheck(targetGroupArn: string): HealthCheckSettings | undefined;
  /** The port on which the target group reaches its instances, when the registry knows the target group. */
  port?(targetGroupArn: string): number | undefined;
}

/** Where launch templates come from. */
export interface Templates {
  /**
   * Resolves a launch template (id or name) and a version ('7', '$Latest', '$Default') to a numbered version.
   * Rejects with an Error whose `name` is the EC2 error code (InvalidLaunchTemplateId.NotFound,
   * InvalidLaunchTemplateId.VersionNotFound …) and whose message is EC2's.
   */
  describe(idOrName: string, version: string): Promise<TemplateVersion>;
}

/** CloudWatch's states of an alarm. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** Where alarm states come from. */
export interface Alarms {
  /** Undefined when there is no alarm of that name. */
  state(name: string): Promise<AlarmState | undefined>;
}
