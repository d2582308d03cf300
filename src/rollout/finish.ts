import type { DeployError, RolloutResult, RolloutStatus } from '../core/index.ts';
import { truncatedList } from '../core/index.ts';
import { bestEffort } from './context/index.ts';
import { smokeDiagnosis, targetText } from './diagnosis/index.ts';
import { isActive, type Diagnosis, type GroupEvaluation } from './model/index.ts';
import { verify } from './monitor/index.ts';
import { resultOf, rolloutFailure } from './result.ts';
import type { RolloutSmokeTest } from './smoke-test/index.ts';
import type { ActiveRollout } from './strategy/index.ts';
import { groupGoneError, undoneError, type UndoRequest } from './unsuccessful.ts';

/** Seconds that targets get to be healthy after AWS said Successful. */
const settleSeconds = 120;

/**
 * What is seen after AWS called it a success: every instance's version, every target's health, and the smoke test.
 *
 * @param undo what brings the old version back when it is not seen
 * @throws DeployError `outdated-instances` when instances keep another version, `targets-unhealthy` and `smoke-test`
 *   when instances or the service do not answer (the old version is brought back then), `group-missing`
 */
export async function verifySuccess(
  undo: UndoRequest,
  { status, smokeTest }: { status: RolloutStatus; smokeTest: RolloutSmokeTest | undefined },
): Promise<RolloutResult> {
  const { active } = undo;
  const { context } = active;
  const { run, target } = context;
  const seen = await verify(context, settleSeconds);
  if (seen === 'gone') throw groupGoneError(active);
  if (seen.unhealthy.length > 0 && run.signal.aborted) throw cancelledMeanwhile(active);
  if (seen.unhealthy.length > 0) throw await undoneError(undo, unhealthyAfterwards(seen));
  const after = seen.group.instances.map(({ id }) => id);
  const kept = await withoutNewcomers(active, seen);
  if (kept.length > 0 && status !== 'partly-replaced') {
    throw rolloutFailure(active, outdatedInstances(seen, target.version), 'failed', {
      text: `${seen.serving.length} of ${after.length} instances run version ${target.version} and are healthy`,
      instances: after,
    });
  }
  const failed = await smokeTest?.after(seen);
  if (failed === 'cancelled') throw cancelledMeanwhile(active);
  if (failed) throw await undoneError(undo, smokeDiagnosis(failed));
  if (kept.length === 0) return resultOf(active, settled(status), after);
  run.log.warning(
    `the fleet is partly replaced, as the last checkpoint says: ${kept.length} of ${after.length} instances keep another version than ${target.version}; a run without checkpoints, or with one of 100, replaces them`,
  );
  return { ...resultOf(active, 'partly-replaced', after), outdatedInstances: kept };
}

/**
 * The outdated instances that are not the first of the next rollout: one that waited for this one begins at once, and
 * that its instances run another version is no fault of this one.
 */
async function withoutNewcomers(
  { context, id }: ActiveRollout,
  { outdated, group }: GroupEvaluation,
): Promise<string[]> {
  if (outdated.length === 0) return outdated;
  const refreshes = await bestEffort(context, 'see whether the next rollout has begun', () =>
    context.api.refreshes(context.group),
  );
  const next = refreshes?.find((each) => each.id !== id && isActive(each));
  if (next?.target === undefined) return outdated;
  const { version } = next.target;
  const kept = group.instances.filter(
    (each) => outdated.includes(each.id) && String(each.templateVersion) !== version,
  );
  if (kept.length < outdated.length)
    context.run.log.line(
      `instance refresh ${next.id} has begun since, and brings version ${version}: what it launches is not counted here`,
    );
  return kept.map((each) => each.id);
}

/** A last checkpoint below 100 may still have reached everything: of one instance, say. */
function settled(status: RolloutStatus): RolloutStatus {
  return status === 'partly-replaced' ? 'successful' : status;
}

function cancelledMeanwhile(active: ActiveRollout): DeployError {
  const { group } = active.context;
  return rolloutFailure(
    active,
    {
      reason: 'cancelled',
      sentence: 'the job was cancelled while the new instances were being verified',
      evidence: [],
      next: `see that the instances of ${group} serve; the rollback command of this action undoes the rollout`,
    },
    'cancelled',
    'AWS calls the refresh successful: the new version stays',
  );
}

function unhealthyAfterwards({ unhealthy, serving }: GroupEvaluation): Diagnosis {
  const total = unhealthy.length + serving.length;
  const target = unhealthy.find((each) => each.target)?.target;
  return {
    reason: 'targets-unhealthy',
    sentence: `AWS calls the refresh successful, but ${unhealthy.length} of ${total} new instances do not serve`,
    evidence: [
      { label: 'not serving', text: truncatedList(unhealthy.map(({ id }) => id)) },
      ...(target
        ? [
            {
              label: 'what the load balancer said',
              text: `${targetText(target) || target.state}   (${target.instanceId})`,
            },
          ]
        : []),
    ],
    next: 'set the health check type of the group to ELB so that AWS waits for its targets; see why these do not answer, then run this job again',
  };
}

function outdatedInstances({ outdated, group }: GroupEvaluation, version: number): Diagnosis {
  const there = group.instances.filter((each) => outdated.includes(each.id));
  const guarded = there.filter((each) => each.protectedFromScaleIn).length;
  const standby = there.filter((each) => each.lifecycleState === 'Standby').length;
  const why = [
    ...(guarded > 0 ? [`${guarded} protected from scale-in`] : []),
    ...(standby > 0 ? [`${standby} in Standby`] : []),
  ].join(', ');
  return {
    reason: 'outdated-instances',
    sentence: `AWS calls the refresh successful, but ${outdated.length} of ${group.instances.length} instances do not run version ${version}`,
    evidence: [{ label: 'still there', text: `${truncatedList(outdated)}${why === '' ? '' : ` (${why})`}` }],
    next: 'remove their protection or end their Standby, then run this job again: it replaces them',
  };
}
