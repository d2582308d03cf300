import type { RolloutResult, RolloutStatus } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import type { Diagnosis } from './model/index.ts';
import type { ActiveRollout, StateLeft } from './strategy/index.ts';

/** What a rollout came to; `after` are the ids of the group's instances at the end, in AWS's order. */
export function resultOf(
  active: ActiveRollout,
  status: RolloutStatus,
  after: readonly string[],
): RolloutResult {
  const { context, before, id, estimate, begunAt } = active;
  const { version, previousVersion } = context.target;
  return {
    status,
    instanceRefreshId: id,
    templateVersion: version,
    previousTemplateVersion: previousVersion === version ? undefined : previousVersion,
    instancesBefore: before.instances.map((instance) => instance.id),
    instancesAfter: [...after],
    estimate,
    seconds: Math.round(context.clock.now() - begunAt),
  };
}

/** The error that tells a rollout's end; text alone where the group is gone or nobody has the time to read it. */
export function rolloutFailure(
  active: ActiveRollout,
  diagnosis: Diagnosis,
  status: RolloutStatus,
  left: StateLeft | string,
): DeployError {
  const { text, instances, rollback }: StateLeft =
    typeof left === 'string' ? { text: left, instances: [] } : left;
  return new DeployError({
    reason: diagnosis.reason,
    message: diagnosis.sentence,
    evidence: diagnosis.evidence,
    left: text,
    ...(rollback !== undefined && { rollback }),
    next: diagnosis.next,
    rollout: resultOf(active, status, instances),
  });
}
