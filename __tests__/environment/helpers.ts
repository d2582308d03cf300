import type { Environment } from '../../src/environment/index.ts';
import type { TemplateVersion } from '../../src/environment/versions.ts';
import type { RefreshObservation } from '../../src/rollout/model/observations.ts';

export const repository = '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop';
export const imageOfVersion = (version: number) => `${repository}@sha256:${String(version).repeat(64)}`;

export function refresh(of: {
  id: string;
  version: string;
  status: string;
  templateId?: string;
  percentage?: number;
}): RefreshObservation {
  return {
    id: of.id,
    status: of.status,
    statusReason: '',
    percentageComplete: of.percentage ?? 100,
    instancesToUpdate: 0,
    startTime: new Date('2026-11-22T11:50:00Z'),
    endTime: new Date('2026-11-22T12:00:00Z'),
    target: { templateId: of.templateId ?? 'lt-1', version: of.version },
    desiredConfiguration: undefined,
    preferences: undefined,
    rollbackReason: undefined,
  };
}

/** Versions 1 to `count`, newest first, each with an image of its own. */
export function templateVersions(count: number): TemplateVersion[] {
  return Array.from({ length: count }, (_, index) => ({
    version: count - index,
    createdAt: new Date('2026-11-22T11:00:00Z'),
    image: imageOfVersion(count - index),
  }));
}

/** A group of instances, one for each version given; the first one's is what the group launches. */
export function environmentOf(
  runs: number[],
  { versions = 3, refreshes = [] as RefreshObservation[], unhealthy = 0, saved = String(runs[0]) } = {},
): Environment {
  const arn = 'arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop-prod/1';
  return {
    outputs: {
      autoscalingGroupName: 'shop-prod',
      launchTemplateId: 'lt-1',
      launchTemplateVersion: versions,
      targetGroupArns: [arn],
      url: 'http://shop.example',
      repositoryUrl: repository,
      alarmNames: [],
      all: { url: 'http://shop.example' },
    },
    group: {
      name: 'shop-prod',
      arn: '',
      createdAt: new Date('2026-11-22T10:00:00Z'),
      desired: runs.length,
      minSize: 1,
      maxSize: 10,
      healthCheckTypes: ['ELB'],
      healthCheckGracePeriod: 60,
      defaultInstanceWarmup: 30,
      maintenancePolicy: undefined,
      template: { id: 'lt-1', name: 'shop-prod', version: saved },
      launchConfiguration: undefined,
      mixedInstancesPolicy: undefined,
      targetGroupArns: [arn],
      suspendedProcesses: [],
      terminationPolicies: ['Default'],
      hasWarmPool: false,
      otherTraffic: [],
      instances: runs.map((templateVersion, index) => ({
        id: `i-${index}`,
        lifecycleState: 'InService',
        healthStatus: 'Healthy',
        availabilityZone: 'eu-north-1a',
        templateId: 'lt-1',
        templateVersion,
        protectedFromScaleIn: false,
      })),
    },
    refreshes,
    targets: runs.map((_, index) => ({
      targetGroupArn: arn,
      instanceId: `i-${index}`,
      port: 80,
      state: index < unhealthy ? 'unhealthy' : 'healthy',
      reason: '',
      description: '',
    })),
    versions: templateVersions(versions),
  };
}
