import { DeployError } from '../../core/index.ts';
import type { RolloutContext } from './context.ts';

/** The failure of a job that is cancelled before its rollout has begun. */
export function cancelledBeforehand({ run, group }: RolloutContext): DeployError {
  const reason: unknown = run.signal.reason;
  return new DeployError({
    reason: 'cancelled',
    message: reason instanceof DeployError ? reason.message : 'the job was cancelled',
    left: `the rollout had not begun: no instance of ${group} was touched`,
    next: 'run this job again when the version should go out',
    cause: reason,
  });
}

/** @throws DeployError `cancelled`, saying that nothing of the group was touched */
export function throwIfCancelled(context: RolloutContext): void {
  if (context.run.signal.aborted) throw cancelledBeforehand(context);
}
