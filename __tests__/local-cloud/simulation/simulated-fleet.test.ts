import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { TemplateVersion } from '../../../local-cloud/fleet/index.ts';
import {
  createSimulatedFleet,
  type SimulatedFleet,
} from '../../../local-cloud/simulation/simulated-fleet.ts';

const version: TemplateVersion = {
  ...{ id: 'lt-0123456789abcdef0', name: 'shop', version: 1, imageId: 'ami-0abc', instanceType: 't3.small' },
  userData: '',
};

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
