import type { DeployError, RolloutResult, RolloutStatus } from '../core/index.ts';
import { truncatedList } from '../core/index.ts';
import { bestEffort } from './context/index.ts';
import { smokeDiagnosis, targetText, unmadeDiagnosis } from './diagnosis/index.ts';
import { isActive, type Diagnosis, type GroupEvaluation } from './model/index.ts';
import { verify } from './monitor/index.ts';
import { emptyResult, resultOf, rolloutFailure, staying } from './result.ts';
import type { RolloutSmokeTest } from './smoke-test/index.ts';
import type { ActiveRollout, Strategy } from './strategy/index.ts';
import { groupGoneError, undoneError, type UndoRequest } from './unsuccessful.ts';

/** Seconds that targets get to be healthy after AWS said Successful. */
const settleSeconds = 120;

/**
 * What is seen after AWS called it a success: every instance's version, every target's health, and the smoke test.
 *
 * @param undo what brings the old version back when it is not seen
 * @throws DeployError `outdated-instances` when instances keep another version, `targets-unhealthy` and `smoke-test`
 *   when instances or the service do not answer (the old version is brought back then), `no-instances` and `unreachable`
 *   when nobody could see whether they do, `group-missing`
 */
export async function verifySuccess(
  undo: UndoRequest,
  { status, smokeTest }: { status: RolloutStatus; smokeTest: RolloutSmokeTest | undefined },
): Promise<RolloutResult> {
  const { active } = undo;
  const { context, before } = active;
  const { run, target } = context;
  const seen = await verify(context, settleSeconds);
  if (seen === 'gone') throw groupGoneError(active);
  if (seen.unhealthy.length > 0 && run.signal.aborted) throw await cancelledMeanwhile(undo);
  if (seen.unhealthy.length > 0) throw await undoneError(undo, unhealthyAfterwards(seen, undo.strategy));
  const after = staying(seen.group);
  const kept = await withoutNewcomers(active, seen);
  if (kept.length > 0 && status !== 'partly-replaced' && status !== 'paused') {
    throw rolloutFailure(active, outdatedInstances(seen, target.version, undo.strategy), 'failed', {
      text: whatServes(seen, target.version),
      instances: after,
    });
  }
  // Where the next rollout has replaced them all, nothing is left to be seen of this one.
  if (seen.serving.length === 0 && kept.length === seen.outdated.length) {
    if (before.desired === 0 && seen.group.desired === 0) return emptyResult(active, seen.group);
    throw rolloutFailure(active, nothingServes(undo, seen), 'failed', {
      text: `version ${target.version} is saved, and is what ${context.group} launches next`,
      instances: after,
    });
  }
  await requireSmokeTest(undo, seen, { smokeTest, isNew: status === 'first-deployment' });
  warnOfFewer(active, seen);
  // Also where all of it is new by now: somebody waits to be asked.
  if (status === 'paused') return { ...resultOf(active, status, after), outdatedInstances: kept };
  if (kept.length === 0) return resultOf(active, settled(status), after);
  run.log.warning(
    `the fleet is partly replaced, as the last checkpoint says: ${kept.length} of ${after.length} instances keep another version than ${target.version}; a run without checkpoints, or with one of 100, replaces them`,
  );
  return { ...resultOf(active, 'partly-replaced', after), outdatedInstances: kept };
}

/**
 * The smoke test at the end: a bad answer brings the old version back, and none says nothing about the new one.
 *
 * @param undo as for `verifySuccess`; where nothing was moved, its rollout has no id, and nothing is brought back
 * @param isNew whether the load balancer may have been made by this run
 * @throws DeployError `smoke-test`, `unreachable`, `cancelled`
 */
export async function requireSmokeTest(
  undo: UndoRequest,
  seen: GroupEvaluation,
  { smokeTest, isNew }: { smokeTest: RolloutSmokeTest | undefined; isNew: boolean },
): Promise<void> {
  const { active } = undo;
  const end = await smokeTest?.after(seen, isNew);
  switch (end?.kind) {
    case undefined:
      return;
    case 'cancelled':
      throw await cancelledMeanwhile(undo);
    case 'failed':
      throw await undoneError(undo, smokeDiagnosis(end.failure));
    case 'unreachable':
      throw rolloutFailure(active, unmadeDiagnosis(end.unmade), 'failed', {
        text: `nothing was rolled back: ${whatServes(seen, active.context.target.version)}`,
        instances: staying(seen.group),
      });
  }
}

/**
 * Does what is left to do when the version was seen to serve.
 * @throws DeployError `cancelled` where somebody else has taken the rollout back meanwhile
 */
export async function concludeRollout(strategy: Strategy, active: ActiveRollout): Promise<void> {
  const taken = await strategy.conclude?.(active);
  if (taken !== undefined) throw rolloutFailure(active, taken.diagnosis, 'failed', taken.left);
}

/** "2 of 2 instances run version 42 and are healthy" */
function whatServes({ serving, group }: GroupEvaluation, version: number): string {
  return `${serving.length} of ${staying(group).length} instances run version ${version} and are healthy`;
}

function nothingServes(
  { active: { id, before }, strategy: { success } }: UndoRequest,
  { group }: GroupEvaluation,
): Diagnosis {
  const wants =
    group.desired === 0
      ? `its desired capacity went from ${before.desired} to 0 meanwhile`
      : `it wants ${group.desired}`;
  return {
    reason: 'no-instances',
    sentence: `${id === undefined ? '' : `${success}, but `}no instance was seen to serve: ${group.name} has none, and ${wants}`,
    evidence: [],
    next:
      group.desired === 0
        ? 'find out what scaled it in (a schedule, a policy, a person: the activity history says); when it scales out again the new version starts, with nobody to watch it: run this job again then'
        : 'see the activity history of the group for why it launches none, then run this job again',
  };
}

/** Fewer than the group wants, none of them bad: what is missing had two minutes to come up. */
function warnOfFewer({ context }: ActiveRollout, { group, serving, outdated }: GroupEvaluation): void {
  const missing = group.desired - serving.length - outdated.length;
  if (missing <= 0) return;
  context.run.log.warning(
    `${serving.length} instances of version ${context.target.version} serve, and ${group.name} wants ${group.desired}: ${missing} did not come up within ${settleSeconds} s; its activity history says why`,
  );
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
  // Newest first: one that began after this one may have come to its end by now.
  const [newest] = refreshes ?? [];
  const over = id !== undefined && newest?.status === 'Successful';
  const next = newest !== undefined && newest.id !== id && (over || isActive(newest)) ? newest : undefined;
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

/** Between two groups there is a way back yet; AWS rolls no refresh back that it calls successful. */
async function cancelledMeanwhile({ active, strategy }: UndoRequest): Promise<DeployError> {
  const { context, id } = active;
  const { group } = context;
  const isTakenBack = id !== undefined && strategy.movesOnly === true;
  const stays = id === undefined ? 'no instance was replaced' : `${strategy.success}: the new version stays`;
  return rolloutFailure(
    active,
    {
      reason: 'cancelled',
      sentence: 'the job was cancelled while the new instances were being verified',
      evidence: [],
      next: isTakenBack
        ? `see how it ends: ${strategy.inspectCommand(group)}`
        : `see that the instances of ${group} serve; the rollback command of this action undoes the rollout`,
    },
    'cancelled',
    isTakenBack ? await strategy.orderOnCancel(active) : stays,
  );
}

function unhealthyAfterwards(
  { unhealthy, serving }: GroupEvaluation,
  { success }: UndoRequest['strategy'],
): Diagnosis {
  const total = unhealthy.length + serving.length;
  const target = unhealthy.find((each) => each.target)?.target;
  return {
    reason: 'targets-unhealthy',
    sentence: `${success}, but ${unhealthy.length} of ${total} new instances do not serve`,
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

function outdatedInstances(
  { outdated, group }: GroupEvaluation,
  version: number,
  { success }: UndoRequest['strategy'],
): Diagnosis {
  const there = group.instances.filter((each) => outdated.includes(each.id));
  const guarded = there.filter((each) => each.protectedFromScaleIn).length;
  const standby = there.filter((each) => each.lifecycleState === 'Standby').length;
  const why = [
    ...(guarded > 0 ? [`${guarded} protected from scale-in`] : []),
    ...(standby > 0 ? [`${standby} in Standby`] : []),
  ].join(', ');
  return {
    reason: 'outdated-instances',
    sentence: `${success}, but ${outdated.length} of ${group.instances.length} instances do not run version ${version}`,
    evidence: [{ label: 'still there', text: `${truncatedList(outdated)}${why === '' ? '' : ` (${why})`}` }],
    next: 'remove their protection or end their Standby, then run this job again: it replaces them',
  };
}
