import type { MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from '@jest/globals';
import { checkQuota, launchesOf } from '../../../src/rollout/blue-green/both-fleets.ts';
import { failureOf } from '../helpers/acts.ts';
import { awsError, twoGroupWorld } from '../helpers/simulated-aws.ts';
import { rollOut, thereIs } from './helpers.ts';

const policy = (types: string[], distribution: MixedInstancesPolicy['InstancesDistribution'] = {}) => ({
  mixedInstancesPolicy: {
    LaunchTemplate: {
      Overrides: types.map((InstanceType) => ({ InstanceType: InstanceType as 't3.micro' })),
    },
    InstancesDistribution: distribution,
  },
});
const none = { mixedInstancesPolicy: undefined };
const [onDemand, spot] = ['L-1216C47A', 'L-34B43A08'];

describe('what a group launches, by quota', () => {
  it.each<[string, Parameters<typeof launchesOf>, [code: string, count: number, types: string[]][]]>([
    ['by its template', [none, { instanceType: 't3.micro' }, 3], [[onDemand, 3, ['t3.micro']]]],
    [
      'as Spot, by its template',
      [none, { instanceType: 't3.micro', spot: true }, 3],
      [[spot, 3, ['t3.micro']]],
    ],
    ['of a type that nobody names', [none, {}, 3], []],
    ['of a family that has no known quota', [none, { instanceType: 'mac2.metal' }, 3], []],
    [
      'by a policy without Spot',
      [policy(['m5.large', 'm6i.large']), { instanceType: 't3.micro' }, 3],
      [[onDemand, 3, ['m5.large', 'm6i.large']]],
    ],
    [
      'by a policy of both, where a part of an instance is On-Demand',
      [
        policy(['m5.large', 'c5.large'], {
          OnDemandBaseCapacity: 2,
          OnDemandPercentageAboveBaseCapacity: 25,
        }),
        {},
        9,
      ],
      [
        [onDemand, 4, ['m5.large', 'c5.large']],
        [spot, 5, ['m5.large', 'c5.large']],
      ],
    ],
    [
      'by a policy of Spot alone',
      [policy(['m5.large', 'c5.large'], { OnDemandPercentageAboveBaseCapacity: 0 }), {}, 4],
      [[spot, 4, ['m5.large', 'c5.large']]],
    ],
    [
      'by a base that is more than there is',
      [policy(['m5.large'], { OnDemandBaseCapacity: 9, OnDemandPercentageAboveBaseCapacity: 0 }), {}, 4],
      [[onDemand, 4, ['m5.large']]],
    ],
    ['of types that count against two quotas', [policy(['m5.large', 'g4dn.xlarge']), {}, 4], []],
    ['nothing', [none, { instanceType: 't3.micro' }, 0], []],
  ])('%s', (_, parameters, expected) => {
    expect(launchesOf(...parameters).map(({ quota, count, types }) => [quota.code, count, types])).toEqual(
      expected,
    );
  });
});

describe('a quota', () => {
  const vcpus = { 't3.micro': 2, 'm5.xlarge': 4 };
  const running = (...types: string[]) => types.map((type, id) => ({ id: `i-${id}`, type, spot: false }));
  const launches = { quota: { code: onDemand, name: 'Standard' }, count: 2, types: ['t3.micro'] };

  it.each([
    ['holds just so many', launches, { limit: 8, running: running('t3.micro', 't3.micro') }, undefined],
    [
      'is one short',
      launches,
      { limit: 7, running: running('t3.micro', 't3.micro') },
      'of 7 vCPUs 4 run already, and 2 more instances (t3.micro) need 4',
    ],
    [
      'counts what else runs of it',
      { ...launches, count: 1 },
      { limit: 8, running: running('m5.xlarge', 'm5.xlarge') },
      'of 8 vCPUs 8 run already, and 1 more instance (t3.micro) needs 2',
    ],
    [
      'is held against the smallest type that may come',
      { ...launches, types: ['m5.xlarge', 't3.micro'] },
      { limit: 4, running: [] },
      undefined,
    ],
    [
      'that nobody has',
      launches,
      { limit: 0, running: [] },
      'of 0 vCPUs 0 run already, and 2 more instances (t3.micro) need 4',
    ],
    [
      'of a type that AWS does not know',
      { ...launches, types: ['t9.micro'] },
      { limit: 0, running: [] },
      undefined,
    ],
  ])('%s', (_, of, account, expected) => {
    const [finding] = checkQuota(of, { ...account, vcpus }, 'eu-north-1');
    expect(finding?.what).toEqual(expected && expect.stringContaining(expected));
    expect(finding?.severity).toBe(expected && 'error');
  });

  it('says how it is raised', () => {
    const [finding] = checkQuota(launches, { limit: 5, running: running('t3.micro'), vcpus }, 'eu-west-1');
    expect(finding?.fix).toContain(
      'aws service-quotas request-service-quota-increase --region eu-west-1 --service-code ec2 --quota-code L-1216C47A --desired-value 6',
    );
  });
});

describe('a rollout', () => {
  it('is not begun where the quota can’t hold both fleets', async () => {
    const world = await twoGroupWorld({ instances: 3 });
    world.vcpuQuota = 11;
    const failure = await failureOf(rollOut(world));
    expect(failure).toMatchObject({
      reason: 'preflight',
      message: expect.stringContaining(
        'of 11 vCPUs 6 run already, and 3 more instances (t3.micro) need 6',
      ) as unknown,
    });
    expect(world.count('setSizes')).toBe(0);
  });

  it('gets through where it just does, and asks no more where the fleet is there', async () => {
    const world = await twoGroupWorld({ instances: 3 });
    world.vcpuQuota = 12;
    expect(await rollOut(world, 2, { trafficSteps: [100], keepPrevious: true })).toMatchObject({
      status: 'successful',
    });
    expect(world.count('vcpuQuota')).toBe(1);
    // What is kept is gone back to, whatever the quota has become.
    world.vcpuQuota = 1;
    await rollOut(world, 1, { command: 'rollback' });
    expect(await thereIs(world)).toMatchObject({ weights: [100, 0] });
    expect(world.count('vcpuQuota')).toBe(1);
  });

  it('counts nothing twice where another version is still up on the side that is filled', async () => {
    const world = await twoGroupWorld({ instances: 3 });
    world.vcpuQuota = 12;
    await rollOut(world, 2, { trafficSteps: [100], keepPrevious: true });
    expect(await rollOut(world, 3, { trafficSteps: [100] })).toMatchObject({ status: 'successful' });
  });

  it.each(['vcpuQuota' as const, 'runningInstances' as const, 'vcpus' as const])(
    'is held up by nothing, and warned once, where the role may not call %s',
    async (call) => {
      const world = await twoGroupWorld({ instances: 3 });
      world.vcpuQuota = 1;
      world.fail(call, () => awsError('AccessDeniedException', 'servicequotas:GetServiceQuota'), {
        times: 99,
      });
      expect(await rollOut(world, 2, { trafficSteps: [100] })).toMatchObject({ status: 'successful' });
      expect(world.warnings.filter((line) => line.includes('quota'))).toEqual([
        'the deploy role may not see whether the quota of vCPUs holds both fleets (AccessDeniedException: servicequotas:GetServiceQuota); going on without it',
      ]);
    },
  );

  it('is held up by nothing where the quota is not told', async () => {
    const world = await twoGroupWorld({ instances: 3 });
    expect(await rollOut(world, 2, { trafficSteps: [100] })).toMatchObject({ status: 'successful' });
    expect(world.warnings.filter((line) => line.includes('quota'))).toEqual([]);
  });
});
