/** Time that runs faster than the fleet can look, and what the fleet remembers between two looks. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceState, TemplateVersion } from '../../../local-cloud/fleet/engine/driver.ts';
import { createFleet } from '../../../local-cloud/fleet/fleet.ts';
import { Lookups } from '../../../local-cloud/fleet/lookups.ts';
import { SimulatedClock } from '../../../local-cloud/simulation/clock.ts';
import { createSimulatedFleet, type SimulatedFleet } from '../../../local-cloud/simulation/index.ts';

const version: TemplateVersion = {
  ...{ id: 'lt-0123456789abcdef0', name: 'shop', version: 1, imageId: 'ami-0abc', instanceType: 't3.small' },
  userData: '',
};

describe('SimulatedClock', () => {
  it('waits at the limit until it is moved on, and can forget what it is behind', () => {
    let real = 0;
    const clock = new SimulatedClock({ speed: 1000, start: 0, real: () => real });
    clock.hold(5000);
    real = 60;
    expect([clock.now(), clock.wanted()]).toEqual([5000, 60_000]);
    clock.hold(5000);
    expect(clock.now()).toBe(10_000);
    clock.forgetLag();
    expect([clock.now(), clock.wanted()]).toEqual([10_000, 10_000]);
    clock.hold(5000);
    real = 61;
    expect(clock.now()).toBe(11_000);
    clock.advance(3_600_000);
    expect(clock.now()).toBe(3_611_000);
  });
});

describe('a fleet on a fast clock', () => {
  let fleet: SimulatedFleet | undefined;
  afterEach(() => fleet?.close());

  const call = async (operation: string, parameters: Record<string, unknown>): Promise<unknown> =>
    fleet?.fleet.service.operations[operation]?.({
      ...{ service: 'autoscaling', operation, parameters, requestId: 'request' },
      ...{ region: 'eu-north-1', accountId: '123456789012' },
    });

  async function until(
    operation: string,
    parameters: Record<string, unknown>,
    text: RegExp,
  ): Promise<string> {
    for (let look = 0; look < 400; look += 1) {
      const answer = JSON.stringify(await call(operation, parameters));
      if (text.test(answer)) return answer;
      await delay(20);
    }
    throw new Error(`${operation} never answered with ${text.source}`);
  }

  it.each([[200], [100_000]])(
    'refreshes one at a time at speed %d, and no hour passes unseen',
    async (speed) => {
      fleet = createSimulatedFleet({
        speed,
        // Slower than a step of the clock would be: the clock has to wait for it.
        templates: { describe: async () => delay(5, version) },
        alarms: { state: async () => undefined },
        network: { subnets: async () => [] },
        ...{ region: 'eu-north-1', accountId: '123456789012' },
      });
      fleet.start(50);
      const name = { AutoScalingGroupName: 'shop' };
      await call('CreateAutoScalingGroup', {
        ...{ ...name, MinSize: '0', MaxSize: '4', DesiredCapacity: '3', DefaultInstanceWarmup: '30' },
        ...{
          LaunchTemplate: { LaunchTemplateName: 'shop', Version: '1' },
          AvailabilityZones: ['eu-north-1a'],
        },
      });
      await until('DescribeAutoScalingGroups', {}, /InService.*InService.*InService/);
      const preferences = { MinHealthyPercentage: '100', MaxHealthyPercentage: '100' };
      await call('StartInstanceRefresh', { ...name, Preferences: preferences });
      const ended = await until('DescribeInstanceRefreshes', name, /EndTime/);
      const [refresh] = (JSON.parse(ended) as { InstanceRefreshes: Record<string, string>[] })
        .InstanceRefreshes;
      expect(refresh).toMatchObject({ Status: 'Successful', PercentageComplete: 100 });
      const seconds = (Date.parse(refresh?.EndTime ?? '') - Date.parse(refresh?.StartTime ?? '')) / 1000;
      // Three times 20 s of boot, 30 s of warmup and 5 s of shutdown, each seen at most a slice late.
      expect(seconds).toBeGreaterThanOrEqual(165);
      expect(seconds).toBeLessThanOrEqual(165 + 3 * 4 * 5);
    },
    20_000,
  );
});

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

describe('Lookups', () => {
  it('knows a template that was asked for by name under its id too', async () => {
    const lookups = new Lookups({ describe: async () => version }, { state: async () => undefined });
    await lookups.resolve({ LaunchTemplateName: 'shop', Version: '1' });
    const saved = { LaunchTemplateId: version.id, LaunchTemplateName: 'shop', Version: '1' };
    expect(lookups.template(saved)).toBe(version);
    expect(lookups.template({ LaunchTemplateName: 'shop', Version: '1' })).toBe(version);
    expect(lookups.template({ ...saved, Version: '2' })).toBeUndefined();
  });

  it('asks once for all who ask at the same time, and again later', async () => {
    const ask = jest.fn(async () => version);
    const lookups = new Lookups({ describe: ask }, { state: async () => undefined });
    await Promise.all([lookups.describe('shop', '1'), lookups.describe('shop', '1')]);
    expect(ask).toHaveBeenCalledTimes(1);
    await lookups.describe('shop', '1');
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('has an alarm that the API just read, not what an earlier refresh saw', async () => {
    let state: 'OK' | 'ALARM' = 'ALARM';
    const lookups = new Lookups({ describe: async () => version }, { state: async () => state });
    await lookups.readAlarm('errors');
    state = 'OK';
    await lookups.readAlarm('errors');
    expect(lookups.alarm('errors')).toBe('OK');
  });
});
