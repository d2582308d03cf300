import { describe, expect, it } from '@jest/globals';
import type {
  InstanceDriver,
  InstanceState,
  LaunchRequest,
} from '../../../local-cloud/fleet/engine/driver.ts';
import { renderResult } from '../../../local-cloud/gateway/protocols.ts';
import type { ApiCall } from '../../../local-cloud/gateway/wire.ts';
import { createInstanceService } from '../../../local-cloud/instance/ec2.ts';
import { rememberInstances } from '../../../local-cloud/instance/records.ts';

const A = 'i-0aaaaaaaaaaaaaaaa';
const B = 'i-0bbbbbbbbbbbbbbbb';

class Machines implements InstanceDriver {
  readonly states = new Map<string, InstanceState>();
  failing = false;
  async launch({ instanceId }: LaunchRequest): Promise<void> {
    if (this.failing) throw new Error('no');
    this.states.set(instanceId, 'running');
  }
  async terminate(instanceId: string): Promise<void> {
    this.states.set(instanceId, 'terminated');
  }
  describe(instanceId: string): { state: InstanceState } | undefined {
    const state = this.states.get(instanceId);
    return state && { state };
  }
  console(instanceId: string): string {
    return `console of ${instanceId}`;
  }
  async close(): Promise<void> {
    this.states.clear();
  }
}

const request = (instanceId: string, over: Partial<LaunchRequest['template']> = {}): LaunchRequest => ({
  instanceId,
  group: 'shop-dev',
  availabilityZone: instanceId === A ? 'eu-north-1a' : 'eu-north-1b',
  subnetId: 'subnet-1',
  privateIpAddress: '10.0.0.5',
  template: {
    id: 'lt-1',
    name: 'shop',
    version: 3,
    imageId: 'ami-1',
    instanceType: 't3.micro',
    userData: '',
    instanceProfile: 'shop-dev',
    ...over,
  },
  targetPorts: [],
  tags: { 'aws:autoscaling:groupName': 'shop-dev', Name: instanceId === A ? 'web-a' : 'web-b' },
});

async function set(over: Partial<LaunchRequest['template']> = {}) {
  const time = { now: Date.UTC(2026, 0, 1) };
  const machines = new Machines();
  const instances = rememberInstances(machines, () => time.now);
  await instances.driver.launch(request(A, over));
  await instances.driver.launch(request(B, over));
  const service = createInstanceService(instances, () => time.now);
  const ask = async (operation: string, parameters: Record<string, unknown> = {}) => {
    const call: ApiCall = {
      service: 'ec2',
      operation,
      parameters,
      region: 'eu-north-1',
      accountId: '123456789012',
      requestId: 'r',
    };
    const result = (await service.operations[operation]?.(call)) as Record<string, unknown>;
    return { result, xml: String(renderResult(service, call, result).body) };
  };
  const ids = async (parameters: Record<string, unknown>): Promise<string[]> => {
    const { result } = await ask('DescribeInstances', parameters);
    const reservations = result.reservationSet as { instancesSet: { instanceId: string }[] }[];
    return reservations.flatMap(({ instancesSet }) => instancesSet.map(({ instanceId }) => instanceId));
  };
  return { time, machines, instances, ask, ids };
}

describe('DescribeInstances', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['all', {}, [A, B]],
    ['by id', { InstanceId: [B] }, [B]],
    ['by group', { Filter: [{ Name: 'tag:aws:autoscaling:groupName', Value: ['shop-*'] }] }, [A, B]],
    ['by tag', { Filter: [{ Name: 'tag:Name', Value: ['web-b', 'x'] }] }, [B]],
    ['by state', { Filter: [{ Name: 'instance-state-name', Value: ['running'] }] }, [A]],
    [
      'by two filters',
      {
        Filter: [
          { Name: 'availability-zone', Value: ['eu-north-1b'] },
          { Name: 'instance-state-code', Value: ['80'] },
        ],
      },
      [B],
    ],
    ['by a tag that nothing has', { Filter: [{ Name: 'tag:Team', Value: ['*'] }] }, []],
  ])('%s', async (_, parameters, expected) => {
    const { machines, ids } = await set();
    machines.states.set(B, 'stopped');
    expect(await ids(parameters)).toEqual(expected);
  });

  it('describes what the action and the provider read', async () => {
    const { ask } = await set();
    const { xml } = await ask('DescribeInstances', { InstanceId: [A] });
    for (const part of [
      `<instanceId>${A}</instanceId>`,
      '<instanceState><code>16</code><name>running</name></instanceState>',
      '<launchTime>2026-01-01T00:00:00.000Z</launchTime>',
      '<arn>arn:aws:iam::123456789012:instance-profile/shop-dev</arn>',
      '<item><key>Name</key><value>web-a</value></item>',
      '<httpTokens>required</httpTokens>',
    ])
      expect(xml).toContain(part);
  });

  it('pages', async () => {
    const { instances, ids, ask } = await set();
    for (let number = 0; number < 5; number += 1)
      await instances.driver.launch(request(`i-0000000000000000${number}`));
    const first = await ask('DescribeInstances', { MaxResults: '5' });
    expect(first.result.nextToken).toBe('5');
    expect(await ids({ MaxResults: '5', NextToken: '5' })).toHaveLength(2);
  });

  it.each<[Record<string, unknown>, string, string]>([
    [
      { InstanceId: ['i-0cccccccccccccccc'] },
      'InvalidInstanceID.NotFound',
      "The instance ID 'i-0cccccccccccccccc' does not exist",
    ],
    [{ InstanceId: ['shop'] }, 'InvalidInstanceID.Malformed', 'Invalid id: "shop"'],
    [
      { Filter: [{ Name: 'colour', Value: ['red'] }] },
      'InvalidParameterValue',
      "The filter 'colour' is invalid",
    ],
  ])('refuses %p', async (parameters, code, message) => {
    const { ask } = await set();
    await expect(ask('DescribeInstances', parameters)).rejects.toMatchObject({ code, message });
  });

  it('shows terminated instances for an hour, and never those that failed to launch', async () => {
    const { time, machines, instances, ids } = await set();
    machines.failing = true;
    await expect(instances.driver.launch(request('i-0dddddddddddddddd'))).rejects.toThrow();
    await instances.driver.terminate(A);
    expect(await ids({})).toEqual([A, B]);
    time.now += 3_600_001;
    expect(await ids({})).toEqual([B]);
  });
});

describe('DescribeInstanceStatus', () => {
  it('lists what runs, or everything', async () => {
    const { machines, ask } = await set();
    machines.states.set(B, 'stopped');
    const some = await ask('DescribeInstanceStatus');
    expect(some.result.instanceStatusSet).toHaveLength(1);
    const all = await ask('DescribeInstanceStatus', { IncludeAllInstances: 'true' });
    expect(all.result.instanceStatusSet).toMatchObject([
      { instanceId: A, instanceStatus: { status: 'ok' } },
      { instanceId: B, instanceStatus: { status: 'not-applicable' } },
    ]);
  });
});

describe('GetConsoleOutput', () => {
  const decoded = (result: Record<string, unknown>): string =>
    Buffer.from((result.output as string | undefined) ?? '', 'base64').toString();

  it('gives the latest output at once, the posted one later or when the instance has ended', async () => {
    const { time, machines, ask } = await set();
    const read = async (parameters: Record<string, unknown>) =>
      decoded((await ask('GetConsoleOutput', parameters)).result);
    expect(await read({ InstanceId: A, Latest: 'true' })).toBe(`console of ${A}`);
    expect(await read({ InstanceId: A })).toBe('');
    machines.states.set(B, 'terminated');
    expect(await read({ InstanceId: B })).toBe(`console of ${B}`);
    time.now += 60_000;
    expect(await read({ InstanceId: A })).toBe(`console of ${A}`);
  });

  it('has no latest output for instances that are not built on Nitro', async () => {
    const { ask } = await set({ instanceType: 't2.micro' });
    await expect(ask('GetConsoleOutput', { InstanceId: A, Latest: 'true' })).rejects.toMatchObject({
      code: 'UnsupportedOperation',
    });
  });
});

describe('TerminateInstances', () => {
  it('says what was and what comes, and terminates', async () => {
    const { machines, ask } = await set();
    const { result } = await ask('TerminateInstances', { InstanceId: [A] });
    expect(result.instancesSet).toEqual([
      {
        instanceId: A,
        previousState: { code: 16, name: 'running' },
        currentState: { code: 32, name: 'shutting-down' },
      },
    ]);
    expect(machines.states.get(A)).toBe('terminated');
  });

  it('touches none when one is unknown', async () => {
    const { machines, ask } = await set();
    await expect(ask('TerminateInstances', { InstanceId: [A, 'i-0cccccccccccccccc'] })).rejects.toMatchObject(
      { code: 'InvalidInstanceID.NotFound' },
    );
    expect(machines.states.get(A)).toBe('running');
  });
});
