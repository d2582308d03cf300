import {
  DescribeInstancesCommand,
  type DescribeInstanceTypesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import type { AwsAccess } from '../../../src/aws/index.ts';
import { vcpus } from '../../../src/rollout/aws/vcpus.ts';

const instance = (id: number, more: object = {}) => ({
  ...{ InstanceId: `i-${id}`, InstanceType: 't3.micro' },
  ...more,
});

/** Two pages of instances, and two vCPUs for every type but one that AWS does not know. */
function client(asked: number[]): EC2Client {
  const send = (command: DescribeInstancesCommand | DescribeInstanceTypesCommand): Promise<unknown> => {
    if (command instanceof DescribeInstancesCommand) {
      const { NextToken } = command.input;
      expect(command.input.Filters).toEqual([
        { Name: 'instance-state-name', Values: ['pending', 'running'] },
      ]);
      return Promise.resolve(
        NextToken === undefined
          ? {
              Reservations: [
                { Instances: [instance(1), instance(2, { InstanceLifecycle: 'spot' })] },
                { Instances: [instance(3, { Placement: { Tenancy: 'dedicated' } })] },
              ],
              NextToken: 'next',
            }
          : { Reservations: [{ Instances: [instance(4, { Placement: { Tenancy: 'default' } })] }] },
      );
    }
    const { InstanceTypes = [] } = command.input;
    asked.push(InstanceTypes.length);
    return Promise.resolve({
      InstanceTypes: InstanceTypes.map((InstanceType) => ({
        InstanceType,
        VCpuInfo: String(InstanceType) === 'type.0' ? undefined : { DefaultVCpus: 2 },
      })),
    });
  };
  return { send } as unknown as EC2Client;
}

describe('what runs, and how large it is', () => {
  const access = {} as AwsAccess;

  it('is read page by page, without what is on dedicated hardware', async () => {
    expect(await vcpus(access, () => client([])).runningInstances()).toEqual([
      { id: 'i-1', type: 't3.micro', spot: false },
      { id: 'i-2', type: 't3.micro', spot: true },
      { id: 'i-4', type: 't3.micro', spot: false },
    ]);
  });

  it('is asked a hundred types at a time, and leaves out what AWS does not say', async () => {
    const asked: number[] = [];
    const types = Array.from({ length: 120 }, (_, number) => `type.${number}`);
    const found = await vcpus(access, () => client(asked)).vcpus(types);
    expect(asked).toEqual([100, 20]);
    expect(Object.keys(found)).toHaveLength(119);
    expect(await vcpus(access, () => client(asked)).vcpus([])).toEqual({});
  });
});
