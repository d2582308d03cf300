import type { RolloutResult, RolloutStatus } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import { isTerminating, type Diagnosis, type GroupObservation } from './model/index.ts';
import type { ActiveRollout, StateLeft } from './strategy/index.ts';

/** What a rollout came to; `after` are the ids of the group's instances at the end, in AWS's order. */
export function resultOf(
  active: ActiveRollout,
  status: RolloutStatus,
  after: readonly string[],
): RolloutResult {
  const { context, before, id, estimate, traffic } = active;
  const { version, previousVersion } = context.target;
  return {
    status,
    instanceRefreshId: traffic === undefined ? id : undefined,
    templateVersion: version,
    previousTemplateVersion: previousVersion === version ? undefined : previousVersion,
    instancesBefore: before.instances.map((instance) => instance.id),
    instancesAfter: [...after],
    estimate,
    ...timeOf(active),
    ...(traffic !== undefined && { traffic }),
  };
}

/** Whole seconds since it began, and what was seen in them. */
export function timeOf({ context, begunAt }: ActiveRollout): Pick<RolloutResult, 'seconds' | 'course'> {
  const now = context.clock.now();
  const course = context.course.course(now);
  return { seconds: Math.round(now - begunAt), ...(course && { course }) };
}

/** What a rollout came to onto a group that wanted no instance when it began: said as a warning, for it proves nothing. */
export function emptyResult(active: ActiveRollout, group: GroupObservation): RolloutResult {
  const { run, target } = active.context;
  run.log.warning(
    `nothing was seen to serve: the group ${group.name} wants 0 instances; version ${target.version} is saved, and is what it launches next. Health${run.inputs.smokeTest ? ' and smoke test' : ''} could not be looked at`,
  );
  return resultOf(active, 'no-instances', staying(group));
}

/** Ids of the group's instances that are not on their way out, in AWS's order. */
export function staying({ instances }: GroupObservation): string[] {
  return instances.filter((each) => !isTerminating(each)).map(({ id }) => id);
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
