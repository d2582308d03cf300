import { expect, it } from '@jest/globals';
import { groupName, templateId, twoGroupWorld } from '../helpers/simulated-aws.ts';
import { rollOut, withApi } from './helpers.ts';

it('leaves a group of several instance types one, also where it is scaled to nothing', async () => {
  const world = await twoGroupWorld({ instances: 2 });
  await world.operation('UpdateAutoScalingGroup', {
    ...{ AutoScalingGroupName: groupName, MinSize: 0, DesiredCapacity: 0 },
  });
  await world.advance(60);
  const api = { ...world.api };
  const distribution = { InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 } };
  const saved: unknown[] = [];
  withApi(world, {
    async group(name) {
      const found = await api.group(name);
      return found && { ...found, mixedInstancesPolicy: distribution };
    },
    setSizes(name, { configuration, ...sizes }) {
      if (configuration !== undefined) saved.push(configuration);
      return api.setSizes(name, sizes);
    },
  });
  await rollOut(world);
  expect(saved).toEqual([
    {
      MixedInstancesPolicy: {
        ...distribution,
        LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: templateId, Version: '2' } },
      },
    },
  ]);
});
