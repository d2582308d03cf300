import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  ApiError,
  CallLog,
  Faults,
  type Gateway,
  type Service,
  startGateway,
} from '../../../local-cloud/gateway/index.ts';
import { awsRolloutApi } from '../../../src/rollout/aws/client.ts';
import type { RolloutApi } from '../../../src/rollout/aws/api.ts';
import {
  groupName,
  healthyGroup,
  imageOfVersion,
  targetGroupArn,
  type SimulatedAws,
} from '../helpers/simulated-aws.ts';

/** The same rollouts through the real SDK clients and AWS's wire format. */

let gateway: Gateway | undefined;
const calls = new CallLog();
const faults = new Faults();

afterEach(async () => {
  faults.clear();
  await gateway?.close();
});

/** Keeps the newest three images. */
const lifecyclePolicy = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 3 },
      action: { type: 'expire' },
    },
  ],
});

/** The images of the template versions 1 to 4, each pushed a second after the other. */
function imagesOf(world: SimulatedAws, ids: { imageDigest: string }[] | undefined): object[] {
  const all = [1, 2, 3, 4].map((version) => ({
    reference: imageOfVersion(version),
    imageDigest: imageOfVersion(version).split('@')[1],
    imageTags: [`v${version}`],
    imagePushedAt: 1_763_800_000 + version,
  }));
  const there = all.filter(({ reference }) => world.imageStates.get(reference) !== 'missing');
  const found = there.filter(({ imageDigest }) => ids?.some((id) => id.imageDigest === imageDigest) ?? true);
  if (found.length === 0) throw new ApiError('ImageNotFoundException', 'The image does not exist');
  return found;
}

async function throughSdk(world: SimulatedAws): Promise<RolloutApi> {
  const { simulation, fleet } = world.simulated;
  const loadBalancing: Service = {
    protocol: 'query',
    namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    operations: {
      DescribeTargetHealth: () => ({
        TargetHealthDescriptions: simulation.targetGroups.health(targetGroupArn).map((each) => ({
          Target: { Id: each.instanceId, Port: each.port },
          TargetHealth: { State: each.state, Reason: each.reason, Description: each.description },
        })),
      }),
      DescribeTargetGroups: () => ({
        TargetGroups: [
          {
            TargetGroupArn: targetGroupArn,
            TargetGroupName: 'shop',
            HealthCheckPath: '/healthz',
            HealthCheckIntervalSeconds: 10,
            UnhealthyThresholdCount: 2,
          },
        ],
      }),
      DescribeTargetGroupAttributes: () => ({
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
      }),
    },
  };
  const ec2: Service = {
    protocol: 'ec2',
    namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    operations: {
      DescribeLaunchTemplateVersions: ({ parameters }) => {
        const [version] = parameters.LaunchTemplateVersion as string[];
        const script = `#!/bin/sh\ndocker run ${imageOfVersion(Number(version))}\n`;
        const UserData = gzipSync(script).toString('base64');
        return {
          launchTemplateVersionSet: [
            { versionNumber: version, launchTemplateData: { imageId: 'ami-1', userData: UserData } },
          ],
        };
      },
      GetConsoleOutput: ({ parameters }) => ({
        InstanceId: parameters.InstanceId,
        Output: Buffer.from(simulation.driver.console(String(parameters.InstanceId))).toString('base64'),
      }),
    },
  };
  const ecr: Service = {
    protocol: 'json',
    namespace: 'AmazonEC2ContainerRegistry_V20150921',
    operations: {
      DescribeImages: ({ parameters }) => ({
        imageDetails: imagesOf(world, parameters.imageIds as { imageDigest: string }[] | undefined),
      }),
      GetLifecyclePolicy: () => ({ lifecyclePolicyText: lifecyclePolicy }),
    },
  };
  gateway = await startGateway({
    port: 0,
    region: 'eu-north-1',
    accountId: '123456789012',
    upstream: { host: '127.0.0.1', port: 9, agent: new Agent() },
    routes: () => ({
      services: { autoscaling: fleet.service, elasticloadbalancing: loadBalancing, ec2, ecr },
      filters: [],
    }),
    control: () => Promise.resolve({ status: 404, headers: {}, body: '' }),
    calls,
    faults,
    log: () => undefined,
  });
  const clientConfiguration = {
    region: 'eu-north-1',
    endpoint: `http://127.0.0.1:${gateway.port}`,
    credentials: () => Promise.resolve({ accessKeyId: 'local', secretAccessKey: 'local-cloud' }),
    maxAttempts: 2,
    customUserAgent: 'asg-deploy-test',
  };
  return awsRolloutApi({
    region: 'eu-north-1',
    accountId: '123456789012',
    partition: 'aws',
    clientConfiguration,
    childEnvironment: () => Promise.resolve({}),
    forgetCredentials: () => undefined,
  });
}

describe('awsRolloutApi', () => {
  it('rolls out through the SDK, throttled and with a lost answer to the start', async () => {
    const world = await healthyGroup({ instances: 3 });
    const api = await throughSdk(world);
    faults.add({
      service: 'autoscaling',
      operation: 'DescribeInstanceRefreshes',
      error: 'Throttling',
      times: 4,
      after: 1,
    });
    faults.add({ service: 'autoscaling', operation: 'StartInstanceRefresh', lost: true });
    expect(await world.rollOut(2, {}, { api })).toMatchObject({
      status: 'successful',
      previousTemplateVersion: 1,
    });
    expect(await world.versions()).toEqual({ 2: 3 });
    expect(await api.refreshes(groupName)).toHaveLength(1);
  });

  it('finds out why a version does not boot, and rolls back', async () => {
    const world = await healthyGroup({ instances: 2 });
    const api = await throughSdk(world);
    world.fault({ templateVersion: 2, bootFailure: true });
    await expect(world.rollOut(2, {}, { api })).rejects.toMatchObject({
      reason: 'boot-failed',
      left: 'rolled back: both instances run version 1 again',
    });
  });

  it('tells of images that the lifecycle policy takes, and rolls out', async () => {
    const world = await healthyGroup({ instances: 1 });
    const api = await throughSdk(world);
    await world.rollOut(2, {}, { api });
    expect(world.warnings).toEqual([
      expect.stringMatching(
        /^the image of version 2 is taken .* after 1 more push \(rule 1: keep the newest 3\): /,
      ),
      expect.stringMatching(
        /^the image of version 1, which a rollback goes back to, is taken .* within a day /,
      ),
    ]);
  });

  it('refuses to roll out what the registry no longer has, before anything is touched', async () => {
    const world = await healthyGroup({ instances: 1 });
    const api = await throughSdk(world);
    world.imageStates.set(imageOfVersion(4), 'missing');
    await expect(world.rollOut(4, {}, { api })).rejects.toMatchObject({
      reason: 'preflight',
      message: `the image of version 4 is not in the registry: ${imageOfVersion(4)}`,
    });
    expect(await api.refreshes(groupName)).toEqual([]);
  });
});
