import { describe, expect, it } from '@jest/globals';
import type { TargetHealth } from '../../../local-cloud/fleet/engine/driver.ts';
import { ApiError, type ApiCall } from '../../../local-cloud/gateway/wire.ts';
import { createTargetService, type TargetApi } from '../../../local-cloud/load-balancer/service.ts';

const ARN = 'arn:tg/web';

function api(health: TargetHealth[] = []): { targets: TargetApi; done: string[] } {
  const done: string[] = [];
  const note =
    (what: string) =>
    (arn: string, id: string, port?: number): void => {
      done.push(`${what} ${arn} ${id} ${port ?? ''}`.trim());
    };
  const targets: TargetApi = {
    register: note('register'),
    deregister: note('deregister'),
    registerOn: note('register'),
    deregisterOn: note('deregister'),
    health: () => health,
    healthCheck: () => undefined,
    port: (arn) => (arn === ARN ? 3000 : undefined),
    knows: (id) => id !== 'i-gone',
  };
  return { targets, done };
}

const call = (operation: string, parameters: Record<string, unknown>): ApiCall => ({
  ...{ service: 'elasticloadbalancing', operation, parameters, region: 'eu-north-1' },
  ...{ accountId: '123456789012', requestId: 'r' },
});

async function answer(
  operation: string,
  parameters: Record<string, unknown>,
  { targets } = api(),
): Promise<unknown> {
  return await createTargetService(targets).operations[operation]?.(call(operation, parameters));
}

describe('RegisterTargets and DeregisterTargets', () => {
  it('pass targets and their ports on', async () => {
    const given = api();
    await answer(
      'RegisterTargets',
      { TargetGroupArn: ARN, Targets: [{ Id: 'i-1' }, { Id: 'i-2', Port: '81' }] },
      given,
    );
    await answer('DeregisterTargets', { TargetGroupArn: ARN, Targets: [{ Id: 'i-1' }] }, given);
    expect(given.done).toEqual([`register ${ARN} i-1`, `register ${ARN} i-2 81`, `deregister ${ARN} i-1`]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown target group', { TargetGroupArn: 'x', Targets: [{ Id: 'i-1' }] }, 'TargetGroupNotFound'],
    ['no targets', { TargetGroupArn: ARN }, 'ValidationError'],
    [
      'an instance that there is not',
      { TargetGroupArn: ARN, Targets: [{ Id: 'i-1' }, { Id: 'i-gone' }] },
      'InvalidTarget',
    ],
  ])('refuse %s, and do nothing', async (_, parameters, code) => {
    const given = api();
    const refused = answer('RegisterTargets', parameters, given);
    await expect(refused).rejects.toThrow(ApiError);
    await expect(refused).rejects.toMatchObject({ code });
    expect(given.done).toEqual([]);
  });
});

describe('DescribeTargetHealth', () => {
  const health: TargetHealth[] = [
    { instanceId: 'i-1', port: 3000, state: 'healthy' },
    {
      instanceId: 'i-2',
      port: 3000,
      state: 'initial',
      reason: 'Elb.InitialHealthChecking',
      description: 'Initial health checks in progress',
    },
  ];

  it('gives every target', async () => {
    expect(await answer('DescribeTargetHealth', { TargetGroupArn: ARN }, api(health))).toEqual({
      TargetHealthDescriptions: [
        { Target: { Id: 'i-1', Port: 3000 }, HealthCheckPort: 3000, TargetHealth: { State: 'healthy' } },
        {
          Target: { Id: 'i-2', Port: 3000 },
          HealthCheckPort: 3000,
          TargetHealth: {
            State: 'initial',
            Reason: 'Elb.InitialHealthChecking',
            Description: 'Initial health checks in progress',
          },
        },
      ],
    });
  });

  it('says of a target that it was asked about and does not have: unused', async () => {
    const parameters = { TargetGroupArn: ARN, Targets: [{ Id: 'i-9' }] };
    expect(await answer('DescribeTargetHealth', parameters, api(health))).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } }],
    });
  });
});
