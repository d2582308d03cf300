import { DeployError, duration, errorText, mask } from '../core/index.ts';
import type { RolloutContext } from './context/index.ts';
import { previousName } from './context/index.ts';
import { diagnose } from './diagnosis/index.ts';
import type { Diagnosis, RolloutProgress } from './model/index.ts';
import type { MonitorEnd } from './monitor/index.ts';
import { rolloutFailure } from './result.ts';
import {
  describeLeft,
  type ActiveRollout,
  type RollbackOutcome,
  type StateLeft,
  type Strategy,
} from './strategy/index.ts';
import { likeliestCause } from './verdict/index.ts';

/** Everything that bringing the old version back needs. */
export interface UndoRequest {
  strategy: Strategy;
  active: ActiveRollout;
  /** How the rollout ended at AWS; undefined while it goes on there. */
  ended: RolloutProgress | undefined;
}

/**
 * What becomes of a rollout whose monitoring did not end in success: the cause is found, the old version is brought
 * back where it may be, and the error that tells all of it is returned to be thrown.
 */
export async function unsuccessfulError(
  strategy: Strategy,
  active: ActiveRollout,
  end: Exclude<MonitorEnd<RolloutProgress>, { kind: 'paused' }>,
): Promise<DeployError> {
  const { context } = active;
  const undo: UndoRequest = { strategy, active, ended: undefined };
  switch (end.kind) {
    case 'condemned':
      return undoneError(undo, withDecision(diagnose(end.cause, end.facts, context.names), strategy, end));
    case 'timeout':
      return undoneError(undo, timedOut(context, end));
    case 'cancelled':
      return cancelledError(undo);
    case 'gone':
      return groupGoneError(active);
    case 'ended':
      return undoneError({ ...undo, ended: end.progress }, await strategy.diagnoseEnd(active, end));
  }
}

/**
 * Brings the old version back when that is wanted and possible.
 * @returns the error to throw: the diagnosis, and what became of the rollback
 */
export async function undoneError(
  { strategy, active, ended }: UndoRequest,
  diagnosis: Diagnosis,
): Promise<DeployError> {
  const { context, id } = active;
  if (id === undefined) return rolloutFailure(active, diagnosis, 'failed', await describeLeft(context));
  // What went wrong is worth more than what went wrong afterwards: a failing rollback must not hide it.
  const outcome = await strategy
    .undo(active, ended)
    .catch((error: unknown) => couldNotRollBack(context, error));
  switch (outcome.kind) {
    case 'rolled-back':
      return rolloutFailure(active, diagnosis, 'rolled-back', withRollback('done', outcome.left));
    case 'left':
      return rolloutFailure(active, diagnosis, 'failed', outcome.left);
    case 'rollback-failed':
      return rolloutFailure(
        active,
        rollbackFailed(active, diagnosis, outcome),
        'failed',
        withRollback('not-done', outcome.left),
      );
  }
}

async function couldNotRollBack(context: RolloutContext, error: unknown): Promise<RollbackOutcome> {
  const why =
    error instanceof DeployError
      ? [error.message, ...error.evidence.map(({ text }) => text)].join('; ')
      : errorText(error);
  return { kind: 'rollback-failed', left: await describeLeft(context), why };
}

function rollbackFailed(
  { context }: ActiveRollout,
  { sentence, evidence, next }: Diagnosis,
  outcome: RollbackOutcome,
): Diagnosis {
  const remedy =
    outcome.next ??
    `when ${previousName(context.target)} can still be launched, run the command rollback of this action`;
  return {
    reason: 'rollback-failed',
    sentence: `THE ROLLBACK FAILED, the group may run both versions: ${sentence}`,
    evidence: [
      ...evidence,
      { label: 'why the rollback failed', text: mask(outcome.why) },
      ...(outcome.evidence ?? []),
    ],
    next: `look at the group now: ${remedy}. Then: ${next}`,
  };
}

/** What was left, begun with what became of the rollback. */
function withRollback(rollback: 'done' | 'not-done', { text, instances }: StateLeft): StateLeft {
  const before = rollback === 'done' ? 'rolled back' : 'not rolled back';
  return { text: `${before}: ${text}`, instances, rollback };
}

/** The error for a group that somebody deleted meanwhile: there is nothing to roll back. */
export function groupGoneError(active: ActiveRollout): DeployError {
  return rolloutFailure(
    active,
    {
      reason: 'group-missing',
      sentence: `the group ${active.context.group} was deleted while it was rolled out to`,
      evidence: [],
      next: 'find out who deleted it and why (CloudTrail, DeleteAutoScalingGroup), then deploy: Terraform makes it again',
    },
    'failed',
    'the group is gone, and its instances with it',
  );
}

function withDecision(
  diagnosis: Diagnosis,
  { givesUpAfter }: Strategy,
  { cause, seconds }: Extract<MonitorEnd<RolloutProgress>, { kind: 'condemned' }>,
): Diagnosis {
  const spared = (givesUpAfter ?? 0) - seconds;
  const aws = `; AWS itself would have tried for another ${duration(spared)}`;
  // Of a smoke test AWS knows nothing: it would have called the rollout a success.
  const text = `after ${duration(seconds)}${cause.kind !== 'smoke' && spared > 60 ? aws : ''}`;
  return { ...diagnosis, evidence: [...diagnosis.evidence, { label: 'decided', text }] };
}

function timedOut({ run, names }: RolloutContext, end: MonitorEnd<RolloutProgress>): Diagnosis {
  const { facts, progress } = end;
  const cause = likeliestCause(facts, progress?.statusReason);
  const likely = diagnose(cause, facts, names);
  const known = cause.kind !== 'unknown';
  const reached = progress ? `, at ${progress.percentageComplete} %` : '';
  return {
    reason: 'timeout',
    sentence: `the rollout took longer than its timeout of ${duration(run.inputs.timeout)}${reached}`,
    evidence: [...(known ? [{ label: 'most likely', text: likely.sentence }] : []), ...likely.evidence],
    next: known ? likely.next : 'raise timeout when the rollout only needs longer, then run this job again',
  };
}

/** The job was cancelled: there are seconds. What on-cancel says is ordered, not monitored. */
async function cancelledError({ strategy, active }: UndoRequest): Promise<DeployError> {
  const { context, id } = active;
  const { run, group } = context;
  const reason: unknown = run.signal.reason;
  const left =
    id === undefined
      ? 'the instances go on coming up at AWS; there is no version before to go back to'
      : await strategy.orderOnCancel(active);
  return rolloutFailure(
    active,
    {
      reason: 'cancelled',
      sentence: reason instanceof DeployError ? reason.message : 'the job was cancelled',
      evidence: id === undefined ? [] : [{ label: strategy.noun, text: id }],
      next: `see how it ends: ${strategy.inspectCommand(group)}`,
    },
    'cancelled',
    left,
  );
}
