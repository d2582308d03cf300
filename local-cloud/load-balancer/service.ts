/** The part of the elbv2 API that is about targets; all else about load balancers is the emulator's. */
import type { TargetHealth, TargetRegistry } from '../fleet/index.ts';
import { type ApiCall, ApiError, type Service } from '../gateway/index.ts';

export const NAMESPACE = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';

/** What the API does beyond the fleet's own registrations. */
export interface TargetApi extends TargetRegistry {
  /** Undefined when there is no such target group. */
  port(targetGroupArn: string): number | undefined;
  /** False when an instance can't be registered: there is none of that name. */
  knows(instanceId: string): boolean;
  registerOn(targetGroupArn: string, instanceId: string, port?: number): void;
  deregisterOn(targetGroupArn: string, instanceId: string, port?: number): void;
}

interface NamedTarget {
  id: string;
  port?: number;
}

function targetGroupOf(call: ApiCall, targets: TargetApi): string {
  const arn = call.parameters.TargetGroupArn as string;
  if (targets.port(arn) === undefined)
    throw new ApiError('TargetGroupNotFound', `Target groups '${arn}' not found`);
  return arn;
}

function targetsOf(call: ApiCall): NamedTarget[] {
  const list = call.parameters.Targets;
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown) => {
    const { Id, Port } = entry as { Id: string; Port?: string };
    return Port === undefined ? { id: Id } : { id: Id, port: Number(Port) };
  });
}

function requiredTargetsOf(call: ApiCall): NamedTarget[] {
  const list = targetsOf(call);
  if (list.length === 0) throw new ApiError('ValidationError', 'At least one target must be specified');
  return list;
}

function description(health: TargetHealth, checkPort: string): object {
  return {
    Target: { Id: health.instanceId, Port: health.port },
    HealthCheckPort: checkPort === 'traffic-port' ? health.port : checkPort,
    TargetHealth: { State: health.state, Reason: health.reason, Description: health.description },
  };
}

/**
 * RegisterTargets, DeregisterTargets and DescribeTargetHealth.
 * Errors: TargetGroupNotFound, InvalidTarget (an instance that there is not, or deregistering what is not
 * registered), ValidationError. What AWS's model of the API refuses has been refused before.
 */
export function createTargetService(targets: TargetApi): Service {
  return {
    protocol: 'query',
    namespace: NAMESPACE,
    operations: {
      RegisterTargets(call) {
        const arn = targetGroupOf(call, targets);
        const list = requiredTargetsOf(call);
        const unknown = list.filter(({ id }) => !targets.knows(id)).map(({ id }) => id);
        if (unknown.length > 0)
          throw new ApiError(
            'InvalidTarget',
            `The following targets are not in a running state and cannot be registered: '${unknown.join(', ')}'`,
          );
        for (const { id, port } of list) targets.registerOn(arn, id, port);
        return {};
      },
      DeregisterTargets(call) {
        const arn = targetGroupOf(call, targets);
        for (const { id, port } of requiredTargetsOf(call)) targets.deregisterOn(arn, id, port);
        return {};
      },
      DescribeTargetHealth(call) {
        const arn = targetGroupOf(call, targets);
        const checkPort = targets.healthCheck(arn)?.port ?? 'traffic-port';
        const all = targets.health(arn);
        const wanted = targetsOf(call);
        if (wanted.length === 0)
          return { TargetHealthDescriptions: all.map((health) => description(health, checkPort)) };
        const found = wanted.map(({ id, port = targets.port(arn) ?? 80 }) => {
          const health = all.find((known) => known.instanceId === id && known.port === port);
          return description(
            health ?? {
              instanceId: id,
              port,
              state: 'unused',
              reason: 'Target.NotRegistered',
              description: 'Target is not registered to the target group',
            },
            checkPort,
          );
        });
        return { TargetHealthDescriptions: found };
      },
    },
  };
}
