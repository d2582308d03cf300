import type { NewInstance, RolloutFacts } from '../../../src/rollout/model/facts.ts';
import type {
  ActivityObservation,
  BootMarker,
  GroupObservation,
  InstanceObservation,
  TargetGroupObservation,
  TargetObservation,
} from '../../../src/rollout/model/observations.ts';
import type { LaunchedVersion } from '../../../src/rollout/preflight/launched-versions.ts';
import type { PreflightInput } from '../../../src/rollout/preflight/preflight.ts';
import type { RolloutSettings } from '../../../src/rollout/plan/settings.ts';

/** Observations for tables: something that is well, to be changed in one place. */

export const arn = 'arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop/1';

export function instance(id: string, change: Partial<InstanceObservation> = {}): InstanceObservation {
  return {
    id,
    lifecycleState: 'InService',
    healthStatus: 'Healthy',
    availabilityZone: 'eu-north-1a',
    templateId: 'lt-1',
    templateVersion: 41,
    protectedFromScaleIn: false,
    ...change,
  };
}

export function group(change: Partial<GroupObservation> = {}): GroupObservation {
  return {
    name: 'shop-prod',
    arn: 'arn',
    createdAt: undefined,
    desired: 2,
    minSize: 1,
    maxSize: 4,
    healthCheckTypes: ['EC2', 'ELB'],
    healthCheckGracePeriod: 120,
    defaultInstanceWarmup: 30,
    maintenancePolicy: undefined,
    template: { id: 'lt-1', name: 'shop', version: '41' },
    launchConfiguration: undefined,
    mixedInstancesPolicy: undefined,
    targetGroupArns: [arn],
    suspendedProcesses: [],
    terminationPolicies: ['Default'],
    hasWarmPool: false,
    otherTraffic: [],
    instances: [instance('i-0a'), instance('i-0b')],
    ...change,
  };
}

export function launched(version: number, change: Partial<LaunchedVersion> = {}): LaunchedVersion {
  return {
    version,
    machineImage: 'ami-1',
    byRequirements: false,
    image: `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:${version}`,
    stored: 'there',
    outlook: undefined,
    ...change,
  };
}

/** A group of two that has nothing against a rollout from version 41 to 42. */
export function readyToRollOut(change: Partial<PreflightInput> = {}): PreflightInput {
  return {
    group: group(),
    target: { templateId: 'lt-1', version: 42, previousVersion: 41 },
    settings: settings(),
    targetGroups: [targetGroup],
    unattached: [],
    targets: [target('i-0a'), target('i-0b')],
    alarms: [],
    hooks: [],
    refreshes: [],
    activities: [],
    launched: { next: launched(42), saved: launched(41) },
    ...change,
  };
}

export const targetGroup: TargetGroupObservation = {
  arn,
  name: 'shop',
  port: 8080,
  path: '/healthz',
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  deregistrationDelaySeconds: 30,
};

export function target(
  instanceId: string,
  state = 'healthy',
  reason = '',
  description = '',
): TargetObservation {
  return { targetGroupArn: arn, instanceId, port: 8080, state, reason, description };
}

export function settings(change: Partial<RolloutSettings> = {}): RolloutSettings {
  return {
    percentages: { minHealthyPercentage: 100, maxHealthyPercentage: 200 },
    percentagesGiven: true,
    warmup: 30,
    warmupFrom: 'instance-warmup',
    autoRollback: true,
    skipMatching: false,
    alarms: [],
    alarmsGiven: false,
    checkpoints: [],
    checkpointDelay: 0,
    bakeTime: 0,
    protectedInstances: 'Ignore',
    standbyInstances: 'Ignore',
    ...change,
  };
}

export function newInstance(id: string, change: Partial<NewInstance> = {}): NewInstance {
  return {
    id,
    lifecycleState: 'InService',
    healthStatus: 'Healthy',
    age: 60,
    inService: 30,
    serving: false,
    hasServed: false,
    lapses: 0,
    notServing: 30,
    targets: [target(id, 'initial', 'Elb.InitialHealthChecking')],
    marker: undefined,
    replacedFor: undefined,
    early: false,
    ...change,
  };
}

export const serving = (id: string): NewInstance =>
  newInstance(id, { serving: true, hasServed: true, notServing: 0, targets: [target(id)] });

export const replaced = (id: string, replacedFor: 'elb' | 'ec2' | 'user' = 'elb'): NewInstance =>
  newInstance(id, { lifecycleState: 'gone', replacedFor });

export function failedBoot(step: string, details = '', lastLines: string[] = [], answer = ''): BootMarker {
  const logged = lastLines.length > 0;
  return { outcome: 'failed', step, details, lastLines, logged, answer, restarts: 0 };
}

export const bootFailed = (
  id: string,
  marker = failedBoot('run', 'the container ended (exit code 1)'),
): NewInstance => newInstance(id, { marker, healthStatus: 'Unhealthy' });

export function failedLaunch(statusMessage: string, second = 0, statusCode = 'Failed'): ActivityObservation {
  return {
    id: `a-${second}`,
    kind: 'launch',
    instanceId: undefined,
    description: `Launching a new EC2 instance.  Status Reason: ${statusMessage}`,
    cause: '',
    statusCode,
    statusMessage,
    startTime: new Date(second * 1000),
    endTime: new Date(second * 1000 + 1000),
  };
}

export function facts(change: Partial<RolloutFacts> = {}): RolloutFacts {
  return {
    desired: 2,
    instances: [],
    failedLaunches: [],
    failedLaunchSpan: 0,
    launchedSince: false,
    alarms: [],
    alarmsSeen: [],
    hooks: [],
    suspendedProcesses: [],
    protectedInstances: [],
    standbyInstances: [],
    oldUnhealthy: 0,
    oldServing: 0,
    quiet: 0,
    statusReason: '',
    ...change,
  };
}

/** What a verdict waits for. */
export const timeouts = { instance: 200, hook: 900, stall: 1200 };

/** How a diagnosis names things. */
export const names = {
  version: 'the new version',
  instances: 'new instances',
  application: 'shop',
  environment: 'prod',
  healthPath: '/healthz',
};

/** What Auto Scaling says of an AMI that is not there, and of a launch whose lifecycle hook failed. */
export const gone = "The image id 'ami-1' does not exist. Launching EC2 instance failed.";
export const abandoned =
  "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token t was abandoned: Lifecycle Action Completed with ABANDON Result";
export const timedOut =
  "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token t was abandoned: Heartbeat Timeout";

/** An instance that waits for a lifecycle hook. */
export const held = (age: number): NewInstance =>
  newInstance('i-1', { lifecycleState: 'Pending:Wait', inService: undefined, notServing: 0, age });

/** Two instances whose boot failed. */
export const boots = (step: string, details = '', lines: string[] = []): Partial<RolloutFacts> => ({
  instances: ['i-1', 'i-2'].map((id) => bootFailed(id, failedBoot(step, details, lines))),
});

/** An instance that its target group has called unhealthy for longer than a verdict waits. */
export const unhealthy = (reason: string, description: string): Partial<RolloutFacts> => ({
  instances: [
    newInstance('i-1', { notServing: 400, targets: [target('i-1', 'unhealthy', reason, description)] }),
  ],
});
