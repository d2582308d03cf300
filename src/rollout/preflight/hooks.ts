import type { ActivityObservation, HookObservation } from '../model/index.ts';
import { hookFailure } from '../model/index.ts';
import type { Finding, PreflightInput } from './finding.ts';

/** A launch hook that nobody is known to complete. */
export function launchHooks({ hooks, activities }: PreflightInput): Finding[] {
  const last = activities.find(({ kind, endTime }) => kind === 'launch' && endTime !== undefined);
  return hooks
    .filter(({ transition }) => transition.endsWith('EC2_INSTANCE_LAUNCHING'))
    .filter((hook) => last === undefined || !wasCompleted(last, hook))
    .map((hook) => ({
      code: 'launch-hook',
      severity: 'warning' as const,
      what: `the launch hook ${hook.name} holds each new instance until somebody completes it (heartbeat ${hook.heartbeatTimeout} s, then ${hook.defaultResult})${last && nobodyDid(last) ? '; for the last launch nobody did' : ''}`,
      why: 'when nobody does, every instance costs the whole heartbeat',
      fix: 'see that what completes the hook is running, or delete the hook',
    }));
}

/** The last launch went through before the heartbeat was over, so somebody let it. */
function wasCompleted(
  { statusCode, startTime, endTime }: ActivityObservation,
  { heartbeatTimeout }: HookObservation,
): boolean {
  const seconds = ((endTime?.getTime() ?? 0) - startTime.getTime()) / 1000;
  return statusCode === 'Successful' && seconds < heartbeatTimeout;
}

function nobodyDid({ statusMessage }: ActivityObservation): boolean {
  return hookFailure(statusMessage) === 'timed-out';
}
