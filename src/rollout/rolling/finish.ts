import type { DeployError } from '../../core/index.ts';
import type { RolloutResult, RolloutStatus } from '../../core/index.ts';
import { type RolloutSmokeTest } from '../smoke-test/index.ts';
import { smokeDiagnosis } from '../diagnosis/index.ts';
import { bestEffort } from '../context/index.ts';
import { failure, groupGone, resultOf, undoFinished, type ActiveRollout } from './undo.ts';
import type { TargetObservation } from '../model/index.ts';
import { isActive } from '../model/index.ts';
import { verify } from '../monitor/index.ts';
import type { GroupEvaluation } from '../model/index.ts';
import type { Diagnosis } from '../model/index.ts';
import { truncatedList } from '../../core/index.ts';

/** Seconds that targets get to be healthy after AWS said Successful. */
const settleSeconds = 120;

/**
 * What is seen after AWS called it a success: every instance's version, every target's health, and the smoke test.
 *
 * @throws DeployError `outdated-instances` when instances keep another version, `targets-unhealthy` and `smoke-test` when
 * instances or the service do not answer (the old version is brought back then), `group-missing`.
 */
export async function verifySuccess(
  underway: ActiveRollout & { status: RolloutStatus },
  canary: RolloutSmokeTest | undefined,
): Promise<RolloutResult> {
  const { context, status } = underway;
  const verified = await verify(context, settleSeconds);
  if (!verified) throw groupGone(underway);
  if (verified.unhealthy.length > 0 && context.run.signal.aborted) throw cancelledMeanwhile(underway);
  if (verified.unhealthy.length > 0) throw await undoFinished(underway, unhealthyAfterwards(verified));
  const kept = await withoutNewcomers(underway, verified);
  if (kept.length > 0 && status !== 'partly-replaced') {
    throw failure(underway, outdatedInstances(verified, context.target.version), 'failed', {
      text: `${verified.serving.length} of ${verified.group.instances.length} instances run version ${context.target.version} and are healthy`,
      instances: verified.group.instances.map(({ id }) => id),
    });
  }
  const failed = await canary?.after(verified);
  if (failed === 'cancelled') throw cancelledMeanwhile(underway);
  if (failed) throw await undoFinished(underway, smokeDiagnosis(failed));
  const after = verified.group.instances.map(({ id }) => id);
  if (kept.length === 0) return resultOf(underway, settled(status), after);
  context.run.log.warning(
    `the fleet is partly replaced, as the last checkpoint says: ${kept.length} of ${after.length} instances keep another version than ${context.target.version}; a run without checkpoints, or with one of 100, replaces them`,
  );
  return { ...resultOf(underway, 'partly-replaced', after), outdatedInstances: kept };
}

/**
 * The outdated instances that are not the first instances of the next rollout: one that waited for this one begins at once, and
 * that its instances run another version is no fault of this one.
 */
async function withoutNewcomers(
  { context, refreshId }: ActiveRollout,
  { outdated: ids, group }: GroupEvaluation,
): Promise<string[]> {
  if (ids.length === 0) return ids;
  const refreshes = await bestEffort(context, 'see whether the next rollout has begun', () =>
    context.api.refreshes(context.group),
  );
  const next = refreshes?.find((each) => each.id !== refreshId && isActive(each));
  if (next?.target === undefined) return ids;
  const kept = group.instances.filter(
    ({ id, templateVersion }) => ids.includes(id) && String(templateVersion) !== next.target?.version,
  );
  if (kept.length < ids.length)
    context.run.log.line(
      `instance refresh ${next.id} has begun since, and brings version ${next.target.version}: what it launches is not counted here`,
    );
  return kept.map(({ id }) => id);
}

/** A last checkpoint below 100 may still have reached everything: of one instance, say. */
function settled(status: RolloutStatus): RolloutStatus {
  return status === 'partly-replaced' ? 'successful' : status;
}

function cancelledMeanwhile(underway: ActiveRollout): DeployError {
  const { group } = underway.context;
  return failure(
    underway,
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
      ...(target ? [{ label: 'what the load balancer said', text: words(target) }] : []),
    ],
    next: 'set the health check type of the group to ELB so that AWS waits for its targets; see why these do not answer, then run this job again',
  };
}

function words({ reason, state, description, instanceId }: TargetObservation): string {
  return `${[reason || state, description].filter(Boolean).join(': ')}   (${instanceId})`;
}

function outdatedInstances({ outdated: ids, group }: GroupEvaluation, version: number): Diagnosis {
  const guarded = group.instances.filter((each) => ids.includes(each.id) && each.protectedFromScaleIn).length;
  const standby = group.instances.filter(
    (each) => ids.includes(each.id) && each.lifecycleState === 'Standby',
  ).length;
  const why = [
    ...(guarded > 0 ? [`${guarded} protected from scale-in`] : []),
    ...(standby > 0 ? [`${standby} in Standby`] : []),
  ].join(', ');
  return {
    reason: 'outdated-instances',
    sentence: `AWS calls the refresh successful, but ${ids.length} of ${group.instances.length} instances do not run version ${version}`,
    evidence: [{ label: 'still there', text: `${truncatedList(ids)}${why ? ` (${why})` : ''}` }],
    next: 'remove their protection or end their Standby, then run this job again: it replaces them',
  };
}
