import { settleCancelling } from './cancelling.ts';
import { ifPossible, patiently, previousName, type RolloutContext } from '../context/index.ts';
import { diagnose } from '../diagnosis/index.ts';
import { errorText, isAwsError } from '../../core/index.ts';
import { isFailedLaunch } from '../model/index.ts';
import type {
  GroupObservation,
  InstanceObservation,
  RefreshObservation,
  RolloutTarget,
} from '../model/index.ts';
import { desiredConfiguration, type RolloutSettings } from '../plan/index.ts';
import { startRefresh } from './start.ts';
import { isActive, isTerminating, statusMeaning } from '../model/index.ts';
import type { WatchEnd } from '../monitor/index.ts';
import { watchedFor, watchWayBack } from './monitor-rollback.ts';
import { count } from '../diagnosis/index.ts';
import type { Evidence } from '../model/index.ts';

export interface RollbackRequest {
  refreshId: string;
  settings: RolloutSettings;
  /** The group as it was before the rollout: what is gone back to. */
  before: GroupObservation;
  /** Seconds that a rollback probably takes. */
  expected: number;
}

/** The state things were left in, for the report. */
export interface Left {
  text: string;
  /** Ids of the group's instances, in AWS's order; none when the group could not be read. */
  instances: readonly string[];
}

export interface RolledBack {
  /** True when the old version was seen to be back. */
  succeeded: boolean;
  left: Left;
  /** Why a rollback failed. */
  said: string;
  /** What shows it, and what brings the old version back, where that is known. */
  evidence?: Evidence[];
  next?: string;
}

/** Seconds that the group gets to have all its instances after AWS called the way back done. */
const settleSeconds = 120;
const settleInterval = 5;

/**
 * Brings the old version back and watches it to the end: by AWS's own rollback while our refresh is active, by a new
 * refresh to the old version when it is over. It does not touch a refresh that is not ours.
 */
export async function rollBack(context: RolloutContext, request: RollbackRequest): Promise<RolledBack> {
  const { run } = context;
  const current = await patiently(context, 'look at the instance refresh', () =>
    context.api.refresh(context.group, request.refreshId),
  );
  const successor = await successorOf(context, request.refreshId);
  if (successor) return leftTo(context, successor);
  if (!current || !isActive(current)) return afterTheEnd(context, request, current);
  if (current.status === 'Cancelling') {
    return afterTheEnd(context, request, await settleCancelling(context, request.refreshId, watchedFor));
  }
  if (!statusMeaning(current.status).rollingBack) {
    run.log.line(`rolling back to ${previousName(context.target)}`);
    const refusal = await orderRollback(context, request.refreshId);
    if (refusal !== undefined) return withoutRollback(context, request, refusal);
  }
  const end = await watchWayBack(context, request);
  return end.kind === 'condemned'
    ? hopeless(context, request.refreshId, end)
    : afterTheEnd(context, request, end.refresh);
}

/**
 * The refresh that somebody started after ours, even if it is over: what it brought is not ours to undo, and
 * RollbackInstanceRefresh and CancelInstanceRefresh act on the group, not on an id.
 */
async function successorOf(context: RolloutContext, ownId: string): Promise<RefreshObservation | undefined> {
  const refreshes = await patiently(context, 'list the instance refreshes', () =>
    context.api.refreshes(context.group),
  );
  const own = refreshes.findIndex(({ id }) => id === ownId);
  // Newest first; ours may not be listed yet.
  return own < 0 ? refreshes.find(isActive) : refreshes.slice(0, own)[0];
}

async function leftTo(context: RolloutContext, { id, status }: RefreshObservation): Promise<RolledBack> {
  const words = isActive({ status })
    ? 'has taken over the group and goes on'
    : `came after it and is over: ${statusMeaning(status).words}`;
  const { instances } = await describeLeft(context);
  return {
    succeeded: false,
    left: { text: `not rolled back: another instance refresh (${id}) ${words}`, instances },
    said: '',
  };
}

/** Orders the rollback; the text of AWS's refusal when there is one. */
async function orderRollback(context: RolloutContext, refreshId: string): Promise<string | undefined> {
  try {
    await patiently(context, 'roll the instance refresh back', () => context.api.rollBack(context.group));
    return undefined;
  } catch (error) {
    // Over in between, or an earlier order whose answer was lost: the refresh itself says where it stands.
    if (isAwsError(error, 'ActiveInstanceRefreshNotFound')) return undefined;
    const now = await ifPossible(context, 'look at the instance refresh', () =>
      context.api.refresh(context.group, refreshId),
    );
    return now && statusMeaning(now.status).rollingBack ? undefined : errorText(error);
  }
}

/** AWS can't turn this refresh round: it is cancelled, and a new one goes back. */
async function withoutRollback(
  context: RolloutContext,
  request: RollbackRequest,
  refusal: string,
): Promise<RolledBack> {
  const { api, run } = context;
  run.log.line(`AWS can't roll this refresh back (${refusal}): cancelling it and going back with a new one`);
  await ifPossible(context, 'cancel the instance refresh', () => api.cancel(context.group));
  return afterTheEnd(context, request, await settleCancelling(context, request.refreshId, watchedFor));
}

async function afterTheEnd(
  context: RolloutContext,
  request: RollbackRequest,
  refresh: RefreshObservation | undefined,
): Promise<RolledBack> {
  if (refresh?.status === 'RollbackSuccessful') return seenBack(context, request);
  if (refresh?.status === 'RollbackFailed') return failed(context, await whyNot(context, refresh));
  if (refresh !== undefined && isActive(refresh)) {
    if (context.run.signal.aborted) return goesOn(context, refresh);
    return failed(context, `it is still ${statusMeaning(refresh.status).words} after ${watchedFor / 3600} h`);
  }
  return restore(context, request);
}

/**
 * AWS calls it done: that is only said when as many instances are in service as there were to be before, and none of
 * them is one that the rollout brought.
 */
async function seenBack(context: RolloutContext, { before }: RollbackRequest): Promise<RolledBack> {
  const { api, clock, run, target, group } = context;
  const known = new Set(before.instances.map(({ id }) => id));
  const until = clock.now() + settleSeconds;
  for (;;) {
    const now = await patiently(context, 'see the group', () => api.group(group));
    const staying = (now?.instances ?? []).filter((each) => !isTerminating(each));
    const serving = staying.filter(({ lifecycleState }) => lifecycleState === 'InService');
    const others = staying.filter((each) => each.templateVersion === target.version && !known.has(each.id));
    // Those that a policy has just added may still be starting.
    const wanted = Math.min(now?.desired ?? 0, before.desired);
    if (now && serving.length >= wanted && others.length === 0)
      return { succeeded: true, left: await describeLeft(context), said: '' };
    if (run.signal.aborted) return { succeeded: false, left: await describeLeft(context), said: '' };
    if (clock.now() >= until) {
      const wrong =
        others.length > 0
          ? `${count(others.length)} that the rollout brought did not go`
          : `${serving.length} of ${wanted} instances are in service`;
      return failed(context, await withLaunch(context, `AWS calls it done, and ${wrong}`));
    }
    await clock.sleep(settleInterval, run.signal);
  }
}

/** Nothing to do: saved configuration and all instances are the old ones (a refresh that had replaced none). */
function isBack(group: GroupObservation, version: number): boolean {
  const staying = group.instances.filter((each) => !isTerminating(each));
  return (
    group.template?.version === String(version) && staying.every((each) => each.templateVersion === version)
  );
}

/** A new refresh to the old version; instances that still run it are skipped. */
export async function restore(context: RolloutContext, request: RollbackRequest): Promise<RolledBack> {
  const { run, target, api, group } = context;
  const { previousVersion } = target;
  const now = await patiently(context, 'see the group', () => api.group(group));
  if (previousVersion !== undefined && now && isBack(now, previousVersion)) {
    return seenBack(context, request);
  }
  if (previousVersion === undefined || previousVersion === target.version) {
    return failed(context, 'the group has no other numbered version to go back to');
  }
  run.log.line(`going back to version ${previousVersion} with a new instance refresh`);
  const { percentages, percentagesGiven, warmup } = request.settings;
  const known = await patiently(context, 'list the instance refreshes', () => api.refreshes(group));
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
  const end = await watchWayBack(context, { ...request, refreshId: started.id });
  if (end.kind === 'condemned') return hopeless(context, started.id, end);
  const { refresh } = end;
  if (refresh && isActive(refresh) && context.run.signal.aborted) return goesOn(context, refresh);
  return refresh?.status === 'Successful'
    ? seenBack(context, request)
    : failed(context, refresh ? await whyNot(context, refresh) : 'AWS did not say how it ended');
}

type Condemned = Extract<WatchEnd, { kind: 'condemned' }>;

/** The old version does not come up either: AWS goes on trying, and somebody has to know now. */
async function hopeless(context: RolloutContext, refreshId: string, end: Condemned): Promise<RolledBack> {
  const { sentence, evidence, next } = diagnose(end.cause, end.facts, context.names);
  const old = previousName(context.target);
  const serving = end.facts.instances.filter((instance) => instance.serving).length;
  const state =
    serving === 0
      ? `no instance of ${old} serves`
      : `${serving} of ${end.facts.desired} instances of ${old} serve`;
  return {
    succeeded: false,
    left: {
      text: `${state}; instance refresh ${refreshId} goes on trying at AWS, for up to an hour without progress`,
      instances: (await describeLeft(context)).instances,
    },
    said: sentence.replace(/^the new version/, old).replace(/^new instances/, `instances of ${old}`),
    evidence: evidence.slice(0, 2),
    next: `what ${old} needs: ${next.replace(/, then run this job again$/, '')}. AWS brings it back by itself while it tries; later run the command rollback of this action, or deploy a commit that works`,
  };
}

function whyNot(context: RolloutContext, { status, statusReason, startTime }: RefreshObservation) {
  return withLaunch(context, statusReason === '' ? status : statusReason, startTime);
}

/** What is said of a way back that failed, and of the last launch that failed on it, which says more. */
async function withLaunch(context: RolloutContext, said: string, since?: Date): Promise<string> {
  const activities = await ifPossible(context, 'see the activities', () =>
    context.api.recentActivities(context.group),
  );
  const launch = activities?.find(
    (activity) => isFailedLaunch(activity) && (since === undefined || activity.startTime >= since),
  );
  return launch ? `${said.replace(/\.$/, '')}. The last launch failed: ${launch.statusMessage}` : said;
}

/** The job was cancelled meanwhile: AWS finishes without us. */
function goesOn(context: RolloutContext, { id }: RefreshObservation): RolledBack {
  const left = `the job was cancelled during the rollback: instance refresh ${id} goes on to ${previousName(context.target)} at AWS`;
  return { succeeded: false, left: { text: left, instances: [] }, said: '' };
}

async function failed(context: RolloutContext, said: string): Promise<RolledBack> {
  return { succeeded: false, left: await describeLeft(context), said };
}

/** Which versions the group's instances run now: "all 6 instances run version 41 again". */
export async function describeLeft(context: RolloutContext): Promise<Left> {
  const { api, group, target } = context;
  const found = await ifPossible(context, 'see the group', () => api.group(group));
  if (!found) return { text: 'which instances run now could not be read', instances: [] };
  const staying = found.instances.filter((each) => !isTerminating(each));
  return { text: versionsOf(staying, target), instances: staying.map(({ id }) => id) };
}

function versionsOf(serving: InstanceObservation[], target: RolloutTarget): string {
  const counts = new Map<string, number>();
  for (const { templateVersion } of serving) {
    const version = templateVersion === undefined ? 'no template version' : `version ${templateVersion}`;
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  const before = target.previousVersion === undefined ? undefined : `version ${target.previousVersion}`;
  const [only] = counts.keys();
  if (counts.size === 1 && only === before) {
    const all =
      serving.length === 1
        ? 'the only instance runs'
        : `${serving.length === 2 ? 'both' : `all ${serving.length}`} instances run`;
    return target.previousVersion === target.version ? `${all} ${only}` : `${all} ${only} again`;
  }
  if (counts.size === 0) return 'the group has no instance now';
  return [...counts]
    .map(([version, count]) => `${count} of ${serving.length} instances run ${version}`)
    .join(', ');
}
