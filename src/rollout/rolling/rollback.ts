import { callFailure, DeployError, errorText, isAwsError } from '../../core/index.ts';
import {
  bestEffort,
  pollUntil,
  previousName,
  unansweredSeconds,
  withRetry,
  type RolloutContext,
} from '../context/index.ts';
import { diagnose, instanceCount } from '../diagnosis/index.ts';
import {
  isActive,
  isFailedLaunch,
  isTerminating,
  statusMeaning,
  type GroupObservation,
  type RefreshObservation,
} from '../model/index.ts';
import type { MonitorEnd } from '../monitor/index.ts';
import { desiredConfiguration, type RolloutSettings } from '../plan/index.ts';
import { describeLeft, type RollbackOutcome } from '../strategy/index.ts';
import { monitoredSeconds, monitorRollback } from './monitor-rollback.ts';
import type { RefreshProgress } from './refresh-progress.ts';
import { startRefresh } from './start.ts';
import { waitForCancellation } from './wait-for-cancellation.ts';

export interface RollbackRequest {
  refreshId: string;
  settings: RolloutSettings;
  /** The group as it was before the rollout: what is gone back to. */
  before: GroupObservation;
  /** Seconds that a rollback probably takes. */
  expected: number;
}

/** Seconds that the group gets to have all its instances after AWS called the way back done. */
const settleSeconds = 120;
const settleInterval = 5;

/**
 * Brings the old version back and watches it to the end: by AWS's own rollback while our refresh is active, by a new
 * refresh to the old version when it is over. It does not touch a refresh that is not ours.
 */
export async function rollBack(context: RolloutContext, request: RollbackRequest): Promise<RollbackOutcome> {
  const { run } = context;
  const current = await withRetry(context, 'look at the instance refresh', () =>
    context.api.refresh(context.group, request.refreshId),
  );
  const successor = await successorOf(context, request.refreshId);
  if (successor) return leftToSuccessor(context, successor);
  if (!current || !isActive(current)) return afterTheEnd(context, request, current);
  if (current.status === 'Cancelling') {
    return afterTheEnd(
      context,
      request,
      await waitForCancellation(context, request.refreshId, monitoredSeconds),
    );
  }
  if (!statusMeaning(current.status).rollingBack) {
    run.log.line(`rolling back to ${previousName(context.target)}`);
    const refusal = await orderRollback(context, request.refreshId);
    if (refusal !== undefined) return withoutRollback(context, request, refusal);
  }
  const end = await monitorRollback(context, request);
  return end.kind === 'condemned'
    ? condemnedRollback(context, request.refreshId, end)
    : afterTheEnd(context, request, end.progress?.refresh ?? (run.signal.aborted ? current : undefined));
}

/**
 * The refresh that somebody started after ours, even if it is over: what it brought is not ours to undo, and
 * RollbackInstanceRefresh and CancelInstanceRefresh act on the group, not on an id.
 */
async function successorOf(context: RolloutContext, ownId: string): Promise<RefreshObservation | undefined> {
  const refreshes = await withRetry(context, 'list the instance refreshes', () =>
    context.api.refreshes(context.group),
  );
  const own = refreshes.findIndex(({ id }) => id === ownId);
  // Newest first; ours may not be listed yet.
  return own < 0 ? refreshes.find(isActive) : refreshes.slice(0, own)[0];
}

async function leftToSuccessor(
  context: RolloutContext,
  { id, status }: RefreshObservation,
): Promise<RollbackOutcome> {
  const words = isActive({ status })
    ? 'has taken over the group and goes on'
    : `came after it and is over: ${statusMeaning(status).words}`;
  const { instances } = await describeLeft(context);
  const text = `not rolled back: another instance refresh (${id}) ${words}`;
  return { kind: 'left', left: { text, instances, rollback: 'not-done' }, why: '' };
}

/** Orders the rollback; the text of AWS's refusal when there is one. */
async function orderRollback(context: RolloutContext, refreshId: string): Promise<string | undefined> {
  try {
    await withRetry(context, 'roll the instance refresh back', () => context.api.rollBack(context.group));
    return undefined;
  } catch (error) {
    // Over in between, or an earlier order whose answer was lost: the refresh itself says where it stands.
    if (isAwsError(error, 'ActiveInstanceRefreshNotFound')) return undefined;
    const now = await bestEffort(context, 'look at the instance refresh', () =>
      context.api.refresh(context.group, refreshId),
    );
    return now && statusMeaning(now.status).rollingBack ? undefined : said(error);
  }
}

/** Ours are sentences already. */
function said(error: unknown): string {
  return error instanceof DeployError ? error.message : errorText(error);
}

/** Cancels, so that another refresh can go back; AWS's words where that can't be. */
async function cancelForWayBack(context: RolloutContext): Promise<string | undefined> {
  try {
    await withRetry(context, 'cancel the instance refresh', () => context.api.cancel(context.group));
    return undefined;
  } catch (error) {
    if (isAwsError(error, 'ActiveInstanceRefreshNotFound')) return undefined;
    // What has no answer may have been done: the refresh says it.
    return error instanceof DeployError || callFailure(error) === 'refused' ? said(error) : undefined;
  }
}

/** Nothing can be ordered any more: waiting would bring nothing. */
async function leftGoingOn(
  context: RolloutContext,
  refreshId: string,
  why: string,
): Promise<RollbackOutcome> {
  const { text, instances } = await describeLeft(context);
  const left = `${text}; instance refresh ${refreshId} goes on at AWS, and undoes itself there when it fails (auto-rollback)`;
  return { kind: 'rollback-failed', left: { text: left, instances }, why };
}

/** AWS can't turn this refresh round: it is cancelled, and a new one goes back. */
async function withoutRollback(
  context: RolloutContext,
  request: RollbackRequest,
  refusal: string,
): Promise<RollbackOutcome> {
  context.run.log.line(
    `AWS can't roll this refresh back (${refusal}): cancelling it and going back with a new one`,
  );
  const refused = await cancelForWayBack(context);
  if (refused !== undefined) return leftGoingOn(context, request.refreshId, `${refusal}; ${refused}`);
  return afterTheEnd(
    context,
    request,
    await waitForCancellation(context, request.refreshId, monitoredSeconds),
  );
}

async function afterTheEnd(
  context: RolloutContext,
  request: RollbackRequest,
  refresh: RefreshObservation | undefined,
): Promise<RollbackOutcome> {
  if (refresh?.status === 'RollbackSuccessful')
    return broughtBefore(context, request) ? restore(context, request) : verifyRollback(context, request);
  if (refresh?.status === 'RollbackFailed') return failed(context, await failureReason(context, refresh));
  if (refresh !== undefined && isActive(refresh)) {
    if (context.run.signal.aborted) return leftRunning(context, refresh);
    return failed(
      context,
      `it is still ${statusMeaning(refresh.status).words} after ${monitoredSeconds / 3600} h`,
    );
  }
  return restore(context, request);
}

/**
 * Whether instances of the version may have been there when the rollout began: it went on from a pause. AWS takes back
 * what its refresh has replaced, and says nothing of what it skipped.
 */
function broughtBefore({ target }: RolloutContext, { before }: RollbackRequest): boolean {
  const { version, previousVersion } = target;
  return (
    previousVersion !== undefined &&
    previousVersion !== version &&
    before.instances.some(({ templateVersion }) => templateVersion === version)
  );
}

/**
 * AWS calls it done: that is only said when as many instances are in service as there were to be before, and none of
 * them is one of the version that it brought.
 */
async function verifyRollback(
  context: RolloutContext,
  { before }: RollbackRequest,
): Promise<RollbackOutcome> {
  const { api, clock, group } = context;
  const until = clock.now() + settleSeconds;
  let missing = 'its instances could not be read';
  const outcome = await pollUntil<GroupObservation | undefined, RollbackOutcome['kind']>(context, {
    what: 'see the group',
    read: () => api.group(group),
    evaluate: (now) => {
      missing = missingAfterwards(context, now, before);
      return missing === '' ? 'rolled-back' : undefined;
    },
    interval: () => settleInterval,
    deadline: () => until,
    onDeadline: () => 'rollback-failed',
    onCancel: () => 'left',
    unansweredSeconds,
  });
  if (outcome === 'rollback-failed')
    return failed(context, await withFailedLaunch(context, `AWS calls it done, and ${missing}`));
  return { kind: outcome, left: await describeLeft(context), why: '' };
}

/** What the group lacks after AWS called the rollback done; '' for nothing. Pure. */
function missingAfterwards(
  { target }: RolloutContext,
  now: GroupObservation | undefined,
  before: GroupObservation,
): string {
  const isBack = target.previousVersion !== target.version;
  const known = new Set(
    before.instances.flatMap(({ id, templateVersion }) =>
      isBack && templateVersion === target.version ? [] : [id],
    ),
  );
  const staying = (now?.instances ?? []).filter((instance) => !isTerminating(instance));
  const serving = staying.filter(({ lifecycleState }) => lifecycleState === 'InService');
  const others = staying.filter((each) => each.templateVersion === target.version && !known.has(each.id));
  if (others.length > 0) return `${instanceCount(others.length)} that the rollout brought did not go`;
  // Those that a policy has just added may still be starting.
  const wanted = Math.min(now?.desired ?? 0, before.desired);
  return now && serving.length >= wanted ? '' : `${serving.length} of ${wanted} instances are in service`;
}

/** Nothing to do: saved configuration and all instances are the old ones (a refresh that had replaced none). */
function isBack(group: GroupObservation, version: number): boolean {
  const staying = group.instances.filter((instance) => !isTerminating(instance));
  return (
    group.template?.version === String(version) && staying.every((each) => each.templateVersion === version)
  );
}

/** A new refresh to the old version; instances that still run it are skipped. */
export async function restore(context: RolloutContext, request: RollbackRequest): Promise<RollbackOutcome> {
  const { run, target, api, group } = context;
  const { previousVersion } = target;
  const now = await withRetry(context, 'see the group', () => api.group(group));
  if (previousVersion !== undefined && now && isBack(now, previousVersion)) {
    return verifyRollback(context, request);
  }
  if (previousVersion === undefined || previousVersion === target.version) {
    return failed(context, 'the group has no other numbered version to go back to');
  }
  run.log.line(`going back to version ${previousVersion} with a new instance refresh`);
  const { percentages, percentagesGiven, warmup } = request.settings;
  const known = await withRetry(context, 'list the instance refreshes', () => api.refreshes(group));
  const started = await startRefresh(context, {
    version: previousVersion,
    desiredConfiguration: desiredConfiguration(request.before, target, previousVersion),
    preferences: {
      ...(percentagesGiven && { MinHealthyPercentage: percentages.minHealthyPercentage }),
      ...(percentagesGiven &&
        percentages.maxHealthyPercentage !== null && {
          MaxHealthyPercentage: percentages.maxHealthyPercentage,
        }),
      InstanceWarmup: warmup,
      SkipMatching: true,
      ScaleInProtectedInstances: request.settings.protectedInstances,
      StandbyInstances: request.settings.standbyInstances,
    },
    known: new Set(known.map(({ id }) => id)),
  });
  if (started.blockedBy) return failed(context, `instance refresh ${started.blockedBy.id} is in the way`);
  const end = await monitorRollback(context, { ...request, refreshId: started.id });
  if (end.kind === 'condemned') return condemnedRollback(context, started.id, end);
  const refresh = end.progress?.refresh;
  if (refresh && isActive(refresh) && context.run.signal.aborted) return leftRunning(context, refresh);
  return refresh?.status === 'Successful'
    ? verifyRollback(context, request)
    : failed(context, refresh ? await failureReason(context, refresh) : 'AWS did not say how it ended');
}

type Condemned = Extract<MonitorEnd<RefreshProgress>, { kind: 'condemned' }>;

/** The old version does not come up either: AWS goes on trying, and somebody has to know now. */
async function condemnedRollback(
  context: RolloutContext,
  refreshId: string,
  end: Condemned,
): Promise<RollbackOutcome> {
  const old = previousName(context.target);
  const names = { ...context.names, version: old, instances: `instances of ${old}` };
  const { sentence, evidence, remedy } = diagnose(end.cause, end.facts, names);
  const serving = end.facts.instances.filter((instance) => instance.serving).length;
  const state =
    serving === 0
      ? `no instance of ${old} serves`
      : `${serving} of ${end.facts.desired} instances of ${old} serve`;
  return {
    kind: 'rollback-failed',
    left: {
      text: `${state}; instance refresh ${refreshId} goes on trying at AWS, for up to an hour without progress`,
      instances: (await describeLeft(context)).instances,
    },
    why: sentence,
    evidence: evidence.slice(0, 2),
    next: `what ${old} needs: ${remedy}. AWS brings it back by itself while it tries; later run the command rollback of this action, or deploy a commit that works`,
  };
}

function failureReason(context: RolloutContext, { status, statusReason, startTime }: RefreshObservation) {
  return withFailedLaunch(context, statusReason === '' ? status : statusReason, startTime);
}

/** What is said of a way back that failed, and of the last launch that failed on it, which says more. */
async function withFailedLaunch(context: RolloutContext, said: string, since?: Date): Promise<string> {
  const activities = await bestEffort(context, 'see the activities', () =>
    context.api.recentActivities(context.group),
  );
  const launch = activities?.find(
    (activity) => isFailedLaunch(activity) && (since === undefined || activity.startTime >= since),
  );
  return launch ? `${said.replace(/\.$/, '')}. The last launch failed: ${launch.statusMessage}` : said;
}

/** The job was cancelled meanwhile: AWS finishes without us. */
function leftRunning(context: RolloutContext, { id }: RefreshObservation): RollbackOutcome {
  const left = `the job was cancelled during the rollback: instance refresh ${id} goes on to ${previousName(context.target)} at AWS`;
  return { kind: 'left', left: { text: left, instances: [] }, why: '' };
}

async function failed(context: RolloutContext, why: string): Promise<RollbackOutcome> {
  return { kind: 'rollback-failed', left: await describeLeft(context), why };
}
