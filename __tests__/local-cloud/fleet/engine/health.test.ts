import { beforeEach, describe, expect, it } from '@jest/globals';
import { World, launchFirst, shop } from '../../helpers/fleet.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('health', () => {
  beforeEach(() => world.settledGroup(2));

  it('replaces an instance that stopped', async () => {
    const id = await world.firstId();
    world.simulated.simulation.kill(id);
    await world.advance(120);
    expect(await world.states()).toEqual(['InService', 'InService']);
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).not.toContain(id);
    const said = (await world.causes()).join('\n');
    expect(said).toMatch(
      /an instance was taken out of service in response to an EC2 health check that indicated it had been terminated or stopped\./,
    );
    expect(said).toMatch(
      /an instance was launched in response to an unhealthy instance needing to be replaced\./,
    );
  });

  it.each([
    ['HealthCheck', 'Healthy', 2],
    ['ReplaceUnhealthy', 'Unhealthy', 2],
  ])('with %s suspended, a stopped instance stays %s', async (process, health, count) => {
    await world.call('SuspendProcesses', { ...shop, ScalingProcesses: [process] });
    const id = await world.firstId();
    world.simulated.simulation.kill(id);
    await world.advance(60);
    const stopped = (await world.instances()).find(({ InstanceId }) => InstanceId === id);
    expect(stopped?.HealthStatus).toBe(health);
    expect(await world.instances()).toHaveLength(count);
  });

  it('of the load balancer counts after the grace period only', async () => {
    world.simulated.inject({ neverHealthy: 'Target.Timeout' });
    await world.call('UpdateAutoScalingGroup', { ...shop, HealthCheckGracePeriod: 300 });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(310);
    expect(await world.states()).toEqual(['InService', 'InService', 'InService']);
    expect(world.targets()).toEqual(['healthy', 'healthy', 'unhealthy']);
    await world.advance(20);
    expect(await world.states()).toContain('Terminating');
  });

  it('SetInstanceHealth respects the grace period, unless told not to', async () => {
    await world.call('UpdateAutoScalingGroup', { ...shop, HealthCheckGracePeriod: 3600 });
    const id = await world.firstId();
    const health = { InstanceId: id, HealthStatus: 'Unhealthy' };
    await world.call('SetInstanceHealth', health);
    await world.advance(5);
    expect(await world.states()).toEqual(['InService', 'InService']);
    await world.call('SetInstanceHealth', { ...health, ShouldRespectGracePeriod: false });
    await world.advance(5);
    expect(await world.states()).toContain('Terminating');
    expect((await world.causes())[0]).toMatch(
      /in response to a user health-check\.$|needing to be replaced\.$/,
    );
  });

  it('is not judged by the load balancer before one instance has ever passed', async () => {
    const other = new World();
    other.simulated.inject({ neverHealthy: true });
    await other.createGroup(2);
    await other.advance(900, 5);
    expect((await other.instances()).every(({ HealthStatus }) => HealthStatus === 'Healthy')).toBe(true);
    expect(await other.activities()).toHaveLength(2);
  });

  it('is replaced launch-first with an instance maintenance policy', async () => {
    const policy = { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 };
    await world.call('UpdateAutoScalingGroup', { ...shop, InstanceMaintenancePolicy: policy });
    const id = await world.firstId();
    await world.call('SetInstanceHealth', {
      InstanceId: id,
      HealthStatus: 'Unhealthy',
      ShouldRespectGracePeriod: false,
    });
    await world.advance(25);
    expect((await world.states()).filter((state) => state === 'InService')).toHaveLength(3);
    await world.advance(120);
    expect(await world.states()).toEqual(['InService', 'InService']);
    expect((await world.instances()).map(({ InstanceId }) => InstanceId)).not.toContain(id);
  });

  it('dies after a while when a fault says so', async () => {
    world.simulated.inject({ diesAfterSeconds: 100 });
    await world.call('SetDesiredCapacity', { ...shop, DesiredCapacity: 3 });
    await world.advance(115);
    expect(await world.states()).toEqual(['InService', 'InService', 'InService']);
    await world.advance(10);
    expect(await world.states()).toContain('Pending');
  });
});

describe('a boot failure', () => {
  beforeEach(() => world.settledGroup(2));

  it('shows on the console, and the instance reports itself', async () => {
    world.simulated.inject({ templateVersion: 2, bootFailure: 'pull' });
    await world.startRefresh(launchFirst);
    await world.advance(24);
    const launched = (await world.instances()).find(({ LaunchTemplate }) => LaunchTemplate.Version === '2');
    expect(world.simulated.simulation.driver.console(launched?.InstanceId ?? '')).toMatch(
      /^ASG_DEPLOY_BOOT_FAILED step=pull image=ami-0abc$/m,
    );
    await world.advance(10);
    expect(
      (await world.activities()).some(({ Cause }) =>
        Cause.endsWith('an instance was taken out of service in response to a user health-check.'),
      ),
    ).toBe(true);
  });
});
