import { expect, it } from '@jest/globals';
import type { InstanceDriver, LaunchRequest } from '../../../local-cloud/fleet/engine/driver.ts';
import { rememberInstances } from '../../../local-cloud/instance/records.ts';

it('forgets terminated instances after an hour, though nobody asks EC2', async () => {
  let now = 0;
  let described = 0;
  const driver: InstanceDriver = {
    ...{ launch: async () => undefined, terminate: async () => undefined, close: async () => undefined },
    ...{ describe: () => void (described += 1), console: () => '' },
  };
  const instances = rememberInstances(driver, () => now);
  for (let launched = 0; launched < 5000; launched += 1) {
    now += 60_000;
    await instances.driver.launch({ instanceId: `i-${launched}` } as LaunchRequest);
  }
  described = 0;
  instances.list();
  expect(described).toBeLessThan(2000);
  now += 2 * 3_600_000;
  instances.list();
  expect(instances.list()).toEqual([]);
});
