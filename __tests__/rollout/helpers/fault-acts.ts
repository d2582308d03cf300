import { awsError, type SimulatedAws } from './simulated-aws.ts';

/** How faults come about in a simulated world: what single ones and pairs are made of. */
export type Act = (world: SimulatedAws) => unknown;

export const denied = () =>
  awsError('AccessDenied', 'User: arn:… is not authorized to perform: autoscaling:…', 403);
export const expired = () =>
  awsError('ExpiredToken', 'The security token included in the request is expired', 403);
export const skewed = () =>
  awsError(
    'SignatureDoesNotMatch',
    'Signature expired: 20261122T110000Z is now earlier than 20261122T114500Z (20261122T120000Z - 15 min.)',
    403,
  );
export const throttled = () => awsError('Throttling', 'Rate exceeded');
export const unavailable = () =>
  awsError('ServiceUnavailable', 'The service is temporarily unavailable.', 503);

/** More often than anybody asks. */
export const forGood = { times: 100_000 };

/** Calls fail from a second of the rollout on; 0 is from its beginning. */
export function failing(
  seconds: number,
  names: readonly Parameters<SimulatedAws['fail']>[0][],
  error: () => Error,
  how: Parameters<SimulatedAws['fail']>[2] = {},
): Act {
  return (world) => {
    const begin = () => {
      for (const name of names) world.fail(name, error, how);
    };
    if (seconds === 0) begin();
    else world.after(seconds, begin);
  };
}

/** Something is wrong with instances of a version. */
export function broken(fault: Record<string, unknown>, templateVersion = 2): Act {
  return (world) => world.fault({ templateVersion, ...fault });
}

/** A launch hook that nobody completes. */
export function hangingHook(AutoScalingGroupName: string): Act {
  return (world) =>
    world.operation('PutLifecycleHook', {
      ...{ AutoScalingGroupName, LifecycleHookName: 'warm-cache', DefaultResult: 'ABANDON' },
      ...{ LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 300 },
    });
}

export function alarmAfter(seconds: number): Act {
  return (world) => world.after(seconds, () => world.alarms.set('errors', 'ALARM'));
}
