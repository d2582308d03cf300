import { describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceState, TemplateVersion } from '../../../local-cloud/fleet/engine/driver.ts';
import { createFleet } from '../../../local-cloud/fleet/fleet.ts';

const version: TemplateVersion = {
  ...{ id: 'lt-0123456789abcdef0', name: 'shop', version: 1, imageId: 'ami-0abc', instanceType: 't3.small' },
  userData: '',
};

describe('a driver whose terminate resolves before the instance is gone', () => {
  it('is asked again by the next step, not in a loop that lets nothing else run', async () => {
    const terminate = jest.fn(async () => undefined);
    let state: InstanceState = 'running';
    const fleet = createFleet({
      clock: { now: () => Date.now() },
      driver: {
        ...{ launch: async () => undefined, describe: () => ({ state }), console: () => '' },
        ...{ terminate, close: async () => undefined },
      },
      templates: { describe: async () => version },
      targetGroups: {
        ...{ register: () => undefined, deregister: () => undefined },
        ...{ health: () => [], healthCheck: () => undefined },
      },
      alarms: { state: async () => undefined },
      network: { subnets: async () => [] },
      ...{ region: 'eu-north-1', accountId: '123456789012' },
    });
    const call = async (operation: string, parameters: Record<string, unknown>): Promise<unknown> =>
      fleet.service.operations[operation]?.({
        ...{ service: 'autoscaling', operation, parameters, requestId: 'request' },
        ...{ region: 'eu-north-1', accountId: '123456789012' },
      });
    const name = { AutoScalingGroupName: 'shop' };
    await call('CreateAutoScalingGroup', {
      ...{ ...name, MinSize: '0', MaxSize: '1', DesiredCapacity: '1', AvailabilityZones: ['eu-north-1a'] },
      LaunchTemplate: { LaunchTemplateName: 'shop', Version: '1' },
    });
    for (let step = 0; step < 4; step += 1) {
      await fleet.step();
      await fleet.settled();
    }
    fleet.start(20);
    try {
      await call('SetDesiredCapacity', { ...name, DesiredCapacity: '0' });
      state = 'shutting-down';
      await delay(200);
      expect(terminate.mock.calls.length).toBeGreaterThan(0);
      expect(terminate.mock.calls.length).toBeLessThan(30);
    } finally {
      await fleet.close();
    }
  });
});

describe('a group on a version that moves', () => {
  it.each(['$Latest', '$Default'])('launches what %s means at that moment', async (moving) => {
    let current = 1;
    const launched: number[] = [];
    const states = new Map<string, InstanceState>();
    const fleet = createFleet({
      clock: { now: () => Date.now() },
      driver: {
        launch: async ({ instanceId, template }) => {
          launched.push(template.version);
          states.set(instanceId, 'running');
        },
        terminate: async (instanceId) => void states.set(instanceId, 'terminated'),
        describe: (instanceId) => {
          const state = states.get(instanceId);
          return state && { state };
        },
        console: () => '',
        close: async () => undefined,
      },
      templates: { describe: async () => ({ ...version, version: current }) },
      targetGroups: {
        ...{ register: () => undefined, deregister: () => undefined },
        ...{ health: () => [], healthCheck: () => undefined },
      },
      alarms: { state: async () => undefined },
      network: { subnets: async () => [] },
      ...{ region: 'eu-north-1', accountId: '123456789012' },
      // Far longer than this test takes: a launch may not rely on what a step saw.
      lookupMs: 3_600_000,
    });
    const call = async (operation: string, parameters: Record<string, unknown>): Promise<unknown> =>
      fleet.service.operations[operation]?.({
        ...{ service: 'autoscaling', operation, parameters, requestId: 'request' },
        ...{ region: 'eu-north-1', accountId: '123456789012' },
      });
    const steps = async (): Promise<void> => {
      for (let step = 0; step < 6; step += 1) {
        await fleet.step();
        await fleet.settled();
      }
    };
    const name = { AutoScalingGroupName: 'shop' };
    await call('CreateAutoScalingGroup', {
      ...{ ...name, MinSize: '0', MaxSize: '4', DesiredCapacity: '1', AvailabilityZones: ['eu-north-1a'] },
      LaunchTemplate: { LaunchTemplateName: 'shop', Version: moving },
    });
    await steps();
    current = 2;
    await call('SetDesiredCapacity', { ...name, DesiredCapacity: '2' });
    await steps();
    current = 3;
    const [oldest] = [...(fleet.state.groups.get('shop')?.instances.keys() ?? [])];
    await call('SetInstanceHealth', { InstanceId: oldest, HealthStatus: 'Unhealthy' });
    await steps();
    current = 4;
    await call('StartInstanceRefresh', { ...name, Preferences: { MinHealthyPercentage: '0' } });
    await steps();
    expect(launched).toEqual([1, 2, 3, 4, 4]);
  });
});
