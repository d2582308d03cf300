import { DeployError } from '../../core/index.ts';
import type { Foretold, RolloutResult, RolloutStatus } from '../../core/index.ts';
import { duration } from '../../core/index.ts';
import { patiently, previousName, type RolloutContext } from '../context/index.ts';
import { diagnose } from '../diagnosis/index.ts';
import { awsGivesUpAfter, endedBadly } from './ended-externally.ts';
import { errorText, isAwsError } from '../../core/index.ts';
import type { RolloutFacts } from '../model/index.ts';
import { mask } from '../../core/index.ts';
import type { GroupObservation } from '../model/index.ts';
import {
  describeLeft,
  restore,
  rollBack,
  type Left,
  type RolledBack,
  type RollbackRequest,
} from './rollback.ts';
import type { RolloutSettings } from '../plan/index.ts';
import { isActive } from '../model/index.ts';
import { likeliestCause, type Cause } from '../verdict/index.ts';
import type { WatchEnd } from '../monitor/index.ts';
import type { Diagnosis } from '../model/index.ts';

/** A rollout under way: what is needed to end it, whichever way it goes. */
export interface Underway {
  context: RolloutContext;
  before: GroupObservation;
  settings: RolloutSettings;
  refreshId: string | undefined;
  /** Clock seconds at which it began, after whatever had to be waited for. */
  begunAt: number;
  forecast: Foretold | undefined;
}

/** Seconds that a cancelled job has for the call that orders the rollback. */
const cancelAttempts = 3;

export function resultOf(underway: Underway, status: RolloutStatus, after: readonly string[]): RolloutResult {
  const { context, before, refreshId, forecast, begunAt } = underway;
  const { version, previousVersion } = context.target;
  return {
    status,
    instanceRefreshId: refreshId,
    templateVersion: version,
    previousTemplateVersion: previousVersion === version ? undefined : previousVersion,
    instancesBefore: before.instances.map(({ id }) => id),
    instancesAfter: [...after],
    forecast,
    seconds: Math.round(context.clock.now() - begunAt),
  };
}

/**
 * What becomes of a watch that did not end in success: the cause is found, the old version is brought back when it
 * may be, and the error that tells all of it is returned to be thrown.
 */
export async function unsuccessful(underway: Underway, end: WatchEnd): Promise<DeployError> {
  const { context } = underway;
  switch (end.kind) {
    case 'condemned':
      return undo(underway, withDecision(wordsFor(context, end.cause, end.facts), end));
    case 'timeout':
      return undo(underway, timedOut(context, end));
    case 'cancelled':
      return cancelled(underway);
    case 'gone':
      return groupGone(underway);
    case 'ended':
      return undo(underway, await endedBadly(context, end, underway.settings.alarms), end.refresh.status);
  }
}

/** Somebody deleted the group meanwhile: there is nothing to roll back. */
export function groupGone(underway: Underway): DeployError {
  const { group } = underway.context;
  return failure(
    underway,
    {
      reason: 'group-missing',
      sentence: `the group ${group} was deleted while it was rolled out to`,
      evidence: [],
      next: 'find out who deleted it and why (CloudTrail, DeleteAutoScalingGroup), then deploy: Terraform makes it again',
    },
    'failed',
    'the group is gone, and its instances with it',
  );
}

/** The words for a cause. */
export function wordsFor(context: RolloutContext, cause: Cause, facts: RolloutFacts): Diagnosis {
  return diagnose(cause, facts, context.names);
}

function withDecision(
  diagnosis: Diagnosis,
  { cause, seconds }: Extract<WatchEnd, { kind: 'condemned' }>,
): Diagnosis {
  const spared = awsGivesUpAfter - seconds;
  const aws = `; AWS itself would have tried for another ${duration(spared)}`;
  // Of a smoke test AWS knows nothing: it would have called the rollout a success.
  const text = `after ${duration(seconds)}${cause.kind !== 'smoke' && spared > 60 ? aws : ''}`;
  return { ...diagnosis, evidence: [...diagnosis.evidence, { label: 'decided', text }] };
}

function timedOut(context: RolloutContext, end: WatchEnd): Diagnosis {
  const cause = likeliestCause(end.facts, end.refresh);
  const likely = wordsFor(context, cause, end.facts);
  const known = cause.kind !== 'unknown';
  return {
    reason: 'timeout',
    sentence: `the rollout took longer than its timeout of ${duration(context.run.inputs.timeout)}${end.refresh ? `, at ${end.refresh.percentageComplete} %` : ''}`,
    evidence: [...(known ? [{ label: 'most likely', text: likely.sentence }] : []), ...likely.evidence],
    next: known ? likely.next : 'raise timeout when the rollout only needs longer, then run this job again',
  };
}

/** Brings the old version back when that is wanted and possible, and tells what became of it. */
export async function undo(underway: Underway, diagnosis: Diagnosis, status?: string): Promise<DeployError> {
  const { context, refreshId } = underway;
  const { autoRollback } = underway.settings;
  const alreadyBack = status === 'RollbackSuccessful' || status === 'RollbackFailed';
  if (refreshId === undefined || (!autoRollback && !alreadyBack)) return leave(underway, diagnosis, status);
  // Who cancelled it may be about to start another one, which is then left alone.
  if (status === 'Cancelled') await context.clock.sleep(10, context.run.signal);
  // What went wrong is worth more than what went wrong afterwards: a failing rollback must not hide it.
  const back = await rollBack(context, requestOf(underway, refreshId)).catch((error: unknown) =>
    couldNot(context, error),
  );
  return told(underway, diagnosis, back);
}

/** Goes back after a refresh that was Successful and not good: its version is saved on the group by now. */
export async function undoFinished(underway: Underway, diagnosis: Diagnosis): Promise<DeployError> {
  const { context, refreshId, settings } = underway;
  if (!settings.autoRollback || refreshId === undefined) return leave(underway, diagnosis, 'Successful');
  const back = await restore(context, requestOf(underway, refreshId)).catch((error: unknown) =>
    couldNot(context, error),
  );
  return told(underway, diagnosis, back);
}

function requestOf({ before, settings, forecast }: Underway, refreshId: string): RollbackRequest {
  return { refreshId, settings, before, expected: forecast?.seconds ?? 300 };
}

async function couldNot(context: RolloutContext, error: unknown): Promise<RolledBack> {
  const detail =
    error instanceof DeployError
      ? [error.message, ...error.evidence.map(({ text }) => text)].join('; ')
      : errorText(error);
  return { succeeded: false, left: await describeLeft(context), said: detail };
}

function told(underway: Underway, diagnosis: Diagnosis, back: RolledBack): DeployError {
  const { target } = underway.context;
  if (back.succeeded)
    return failure(underway, diagnosis, 'rolled-back', prefixed('rolled back: ', back.left));
  if (back.said === '') return failure(underway, diagnosis, 'failed', back.left);
  const shouted: Diagnosis = {
    reason: 'rollback-failed',
    sentence: `THE ROLLBACK FAILED, the group may run both versions: ${diagnosis.sentence}`,
    evidence: [
      ...diagnosis.evidence,
      { label: 'why the rollback failed', text: mask(back.said) },
      ...(back.evidence ?? []),
    ],
    next: `look at the group now: ${back.next ?? `when ${previousName(target)} can still be launched, run the command rollback of this action`}. Then: ${diagnosis.next}`,
  };
  return failure(underway, shouted, 'failed', prefixed('not rolled back: ', back.left));
}

function prefixed(before: string, { text, instances }: Left): Left {
  return { text: `${before}${text}`, instances };
}

/** No rollback is wanted: what must not go on is cancelled, and the mixture is told. */
async function leave(
  underway: Underway,
  diagnosis: Diagnosis,
  status: string | undefined,
): Promise<DeployError> {
  const { context, refreshId } = underway;
  let stopped = '';
  if (refreshId !== undefined && status === undefined) {
    try {
      await patiently(context, 'cancel the instance refresh', () => context.api.cancel(context.group));
      const { version, previousVersion } = context.target;
      const why =
        version === previousVersion ? 'there is no other version to go back to' : 'auto-rollback is false';
      stopped = `the instance refresh was cancelled and not rolled back (${why}): `;
    } catch (error) {
      stopped = isAwsError(error, 'ActiveInstanceRefreshNotFound')
        ? ''
        : `the instance refresh could not be cancelled (${errorText(error)}): `;
    }
  }
  return failure(underway, diagnosis, 'failed', prefixed(stopped, await describeLeft(context)));
}

/** The error that tells a rollout's end; text alone where the group is gone or nobody has the time to look at it. */
export function failure(
  underway: Underway,
  diagnosis: Diagnosis,
  status: RolloutStatus,
  left: Left | string,
): DeployError {
  const { text, instances } = typeof left === 'string' ? { text: left, instances: [] } : left;
  return new DeployError({
    reason: diagnosis.reason,
    message: diagnosis.sentence,
    evidence: diagnosis.evidence,
    left: text,
    next: diagnosis.next,
    rollout: resultOf(underway, status, instances),
  });
}

/** The job was cancelled: there are seconds. The rollback is ordered, not watched. */
async function cancelled(underway: Underway): Promise<DeployError> {
  const { context, refreshId } = underway;
  const { run, group } = context;
  const reason: unknown = run.signal.reason;
  const sentence = reason instanceof DeployError ? reason.message : 'the job was cancelled';
  const left = await orderOnCancel(underway);
  const see = `aws autoscaling describe-instance-refreshes --auto-scaling-group-name ${group}`;
  return failure(
    underway,
    {
      reason: 'cancelled',
      sentence,
      evidence: refreshId ? [{ label: 'instance refresh', text: refreshId }] : [],
      next: `see how it ends: ${see}`,
    },
    'cancelled',
    left,
  );
}

async function orderOnCancel({ context, refreshId }: Underway): Promise<string> {
  const { run, api, clock, group } = context;
  if (refreshId === undefined)
    return 'the instances go on coming up at AWS; there is no version before to go back to';
  if (run.inputs.onCancel === 'leave')
    return `instance refresh ${refreshId} goes on at AWS, as on-cancel says`;
  const ended = `instance refresh ${refreshId} had ended already`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const current = await api.refresh(group, refreshId);
      // RollbackInstanceRefresh takes back whatever is active: by now that may be somebody else's.
      if (current !== undefined && !isActive(current)) return ended;
      if (current?.status === 'RollbackInProgress') break;
      await api.rollBack(group);
      break;
    } catch (error) {
      if (isAwsError(error, 'ActiveInstanceRefreshNotFound')) return ended;
      if (attempt >= cancelAttempts)
        return `the rollback of ${refreshId} could not be ordered (${errorText(error)}): it goes on at AWS`;
      await clock.sleep(0.5);
    }
  }
  return `AWS is rolling instance refresh ${refreshId} back to ${previousName(context.target)}, without this job`;
}
