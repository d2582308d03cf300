import { DeployError } from '../../core/index.ts';
import type { SmokeFailure } from '../smoke-test/index.ts';
import { duration } from '../../core/index.ts';
import { bestEffort, notAllowed, type RolloutContext } from '../context/index.ts';
import { callFailure, errorText } from '../../core/index.ts';
import { nextPoll, remainingSeconds } from './poll-interval.ts';
import { observe, readGroup } from './observe.ts';
import type { RolloutFacts } from '../model/index.ts';
import type { RolloutTracker } from './tracker.ts';
import type { RefreshObservation } from '../model/index.ts';
import { changeLine, heartbeatLine, nothingShown, type ShownState } from './progress.ts';
import { statusMeaning } from '../model/index.ts';
import { verdict, type Cause, type VerdictTimeouts } from '../verdict/index.ts';

export interface MonitorRequest {
  refreshId: string;
  history: RolloutTracker;
  /** Seconds that the forecast said. */
  expected: number;
  /** undefined where nothing is judged: somebody else's refresh. */
  timeouts: VerdictTimeouts | undefined;
  /** What happened before it is not looked at; the refresh's own start when left out. */
  since?: Date | undefined;
  /** Clock seconds at which waiting ends. */
  deadline: number;
  /** Guard alarms that are looked at. */
  alarms: string[];
  /** True for a refresh that goes back to the old version, which the history is about then. */
  goingBack?: boolean;
  /** False for a rollback that must be seen to its end although the job was cancelled. */
  heedCancel: boolean;
  /** Asks the service itself while versions are mixed; undefined where there is no smoke test. */
  smoke?:
    ((facts: RolloutFacts, refresh: RefreshObservation) => Promise<SmokeFailure | undefined>) | undefined;
}

/** How watching ended; `facts` is what was known then (before a rollback began, if one did). */
export type MonitorEnd = { facts: RolloutFacts; refresh: RefreshObservation | undefined; seconds: number } & (
  | { kind: 'ended'; refresh: RefreshObservation }
  | { kind: 'condemned'; cause: Cause }
  | { kind: 'timeout' }
  | { kind: 'cancelled' }
  /** Somebody deleted the group. */
  | { kind: 'gone' }
);

/** Seconds without a change after which a line shows that somebody is watching. */
const heartbeatSeconds = 45;
/** Seconds after which everything around the refresh is looked at although the refresh itself did not move. */
const detailSeconds = 30;
/** Seconds that a refresh which AWS accepted may be missing from its list. */
const appearsWithin = 120;
/** Seconds that credentials may stay expired. */
const expiredFor = 300;

/** Seconds that a rollback which began before the deadline may go on after it. */
const rollbackSeconds = 7200;

/** Seconds waited at the least, also at the deadline. */
const shortestWait = 2;

interface Watching {
  startedAt: number;
  refresh: RefreshObservation | undefined;
  facts: RolloutFacts | undefined;
  shown: ShownState;
  lastLineAt: number;
  lastDetailAt: number;
  unansweredSince: number | undefined;
  warned: Set<string>;
  /** Set when the group was seen to be deleted. */
  gone: boolean;
}

/**
 * Watches a refresh to its end, or until the verdict, the deadline or the job's cancellation ends the watching.
 * One call a poll; instances, targets, activities and alarms are read when the refresh moved or half a minute passed.
 *
 * @throws DeployError `credentials` when AWS denies the look at the refresh or credentials stay expired.
 */
export async function monitor(context: RolloutContext, request: MonitorRequest): Promise<MonitorEnd> {
  const { clock, run } = context;
  const startedAt = clock.now();
  const state: Watching = {
    startedAt,
    refresh: undefined,
    facts: undefined,
    shown: nothingShown,
    lastLineAt: startedAt,
    lastDetailAt: -Infinity,
    unansweredSince: undefined,
    warned: new Set(),
    gone: false,
  };
  for (;;) {
    const end = await pollOnce(context, request, state);
    if (end) return end;
    const elapsed = clock.now() - startedAt;
    const wait = nextPoll(elapsed, state.refresh?.percentageComplete ?? 0, request.expected);
    await clock.sleep(
      Math.min(wait, Math.max(shortestWait, request.deadline - clock.now())),
      request.heedCancel ? run.signal : undefined,
    );
  }
}

async function pollOnce(
  context: RolloutContext,
  request: MonitorRequest,
  state: Watching,
): Promise<MonitorEnd | undefined> {
  const { clock, run } = context;
  if (request.heedCancel && run.signal.aborted) return ending(context, request, state, { kind: 'cancelled' });
  const refresh = await askForRefresh(context, request, state);
  if (refresh) await take(context, request, state, refresh);
  if (state.gone) return ending(context, request, state, { kind: 'gone' });
  if (refresh) {
    report(context, request, state);
    if (!statusMeaning(refresh.status).active)
      return ending(context, request, state, { kind: 'ended', refresh });
    const cause = judge(context, request, state) ?? (await askService(request, state));
    if (cause) return ending(context, request, state, { kind: 'condemned', cause });
  }
  if (request.heedCancel && run.signal.aborted) return ending(context, request, state, { kind: 'cancelled' });
  if (clock.now() >= request.deadline + grace(state))
    return ending(context, request, state, { kind: 'timeout' });
  return undefined;
}

/** Takes note of what AWS answered about the refresh, and looks around it when that moved. */
async function take(
  context: RolloutContext,
  request: MonitorRequest,
  state: Watching,
  refresh: RefreshObservation,
): Promise<void> {
  noteUnknown(context, state, refresh);
  const moved = request.history.moved(context.clock.now(), fingerprint(refresh));
  state.refresh = refresh;
  await observe(context, request, state, moved);
}

/** A rollback that AWS has begun is seen to its end: what it came from is worth more than a timeout. */
function grace({ refresh }: Watching): number {
  return refresh && statusMeaning(refresh.status).rollingBack ? rollbackSeconds : 0;
}

function fingerprint(refresh: RefreshObservation): string {
  return [refresh.status, refresh.percentageComplete, refresh.instancesToUpdate, refresh.statusReason].join(
    '|',
  );
}

type Ended =
  | { kind: 'ended'; refresh: RefreshObservation }
  | { kind: 'condemned'; cause: Cause }
  | { kind: 'timeout' }
  | { kind: 'cancelled' }
  | { kind: 'gone' };

function ending(context: RolloutContext, request: MonitorRequest, state: Watching, end: Ended): MonitorEnd {
  const now = context.clock.now();
  const facts = state.facts ?? request.history.facts(now, state.refresh?.statusReason ?? '');
  return { refresh: state.refresh, facts, seconds: now - state.startedAt, ...end };
}

/** The refresh, or undefined when AWS gives no answer now: that is not knowing, never failure. */
async function askForRefresh(
  context: RolloutContext,
  { refreshId }: MonitorRequest,
  state: Watching,
): Promise<RefreshObservation | undefined> {
  const { api, clock } = context;
  try {
    const refresh = await api.refresh(context.group, refreshId);
    state.unansweredSince = undefined;
    if (refresh) return refresh;
    if (clock.now() - state.startedAt > appearsWithin && !state.refresh) throw neverAppeared(refreshId);
  } catch (error) {
    if (error instanceof DeployError) throw error;
    await noAnswer(context, state, error);
  }
  return undefined;
}

async function noAnswer(context: RolloutContext, state: Watching, error: unknown): Promise<void> {
  const { api, clock, run } = context;
  const failure = callFailure(error);
  if (failure === 'denied') throw notAllowed('look at the instance refresh', error);
  if (failure === 'refused') ({ gone: state.gone } = await readGroup(context));
  const now = clock.now();
  state.unansweredSince ??= now;
  const silence = now - state.unansweredSince;
  if (failure === 'expired') {
    api.renewCredentials();
    if (silence >= expiredFor) throw credentialsRanOut(error);
  }
  if (silence >= heartbeatSeconds && now - state.lastLineAt >= heartbeatSeconds) {
    state.lastLineAt = now;
    run.log.line(
      `AWS has not answered for ${duration(silence)} (${errorText(error)}): the state is not known, asking again`,
    );
  } else {
    run.log.debug(`no answer about the refresh: ${errorText(error)}`);
  }
}

function noteUnknown(context: RolloutContext, state: Watching, { status }: RefreshObservation): void {
  if (statusMeaning(status).known || state.warned.has(status)) return;
  state.warned.add(status);
  context.run.log.warning(
    `the instance refresh has the status ${status}, which this version does not know; watching on`,
  );
}

async function observe(
  context: RolloutContext,
  request: MonitorRequest,
  state: Watching,
  moved: boolean,
): Promise<void> {
  const { refresh } = state;
  const now = context.clock.now();
  const turned = isTurned(request, refresh);
  if (moved || now - state.lastDetailAt >= detailSeconds) {
    state.lastDetailAt = now;
    const look = await observe(context, request.history, {
      since: request.since ?? refresh?.startTime,
      alarms: request.alarms,
      consoles: !turned,
    });
    state.gone = look.gone;
  }
  // Once it rolls back, what was seen before stays the evidence: the rollback takes the bad instances away.
  if (!turned || state.facts === undefined) {
    state.facts = request.history.facts(context.clock.now(), refresh?.statusReason ?? '');
  }
}

/** Whether AWS has turned the refresh round that we watch on its way to the new version. */
function isTurned({ goingBack }: MonitorRequest, refresh: RefreshObservation | undefined): boolean {
  return refresh !== undefined && statusMeaning(refresh.status).rollingBack && goingBack !== true;
}

function report(context: RolloutContext, request: MonitorRequest, state: Watching): void {
  const { clock, run, target } = context;
  const now = clock.now();
  const { refresh } = state;
  const elapsed = now - state.startedAt;
  const input = {
    elapsed: now - context.startedAt,
    goingBack: request.goingBack ?? false,
    refresh,
    facts: request.history.facts(now, refresh?.statusReason ?? ''),
    version: target.version,
    remaining: remainingSeconds(elapsed, refresh?.percentageComplete ?? 0, request.expected),
  };
  const change = changeLine(input, state.shown);
  if (change) {
    state.shown = change.shown;
    state.lastLineAt = now;
    run.log.line(change.line);
  } else if (now - state.lastLineAt >= heartbeatSeconds) {
    state.lastLineAt = now;
    run.log.line(heartbeatLine(input, input.facts.quiet));
  }
}

function judge(
  context: RolloutContext,
  request: MonitorRequest,
  { refresh, facts }: Watching,
): Cause | undefined {
  const { timeouts } = request;
  if (!timeouts || !facts || !refresh || isTurned(request, refresh)) return undefined;
  if (refresh.status === 'Cancelling') return undefined;
  const decided = verdict(facts, timeouts);
  if (decided.kind === 'condemn') return decided.cause;
  context.run.log.debug(`keep waiting: ${decided.waitingFor}`);
  return undefined;
}

/** The smoke test's say, while our version is still on its way in. */
async function askService(
  { smoke }: MonitorRequest,
  { refresh, facts }: Watching,
): Promise<Cause | undefined> {
  if (!smoke || !facts || !refresh || !['InProgress', 'Baking'].includes(refresh.status)) return undefined;
  const failure = await smoke(facts, refresh);
  return failure && { kind: 'smoke', failure };
}

/** Reads the launch hooks once, for the diagnosis. */
export async function readHooks(context: RolloutContext, history: RolloutTracker): Promise<void> {
  const hooks = await bestEffort(context, 'see the lifecycle hooks', () => context.api.hooks(context.group));
  if (hooks) history.hooks(hooks);
}

function neverAppeared(refreshId: string): DeployError {
  return new DeployError({
    reason: 'internal',
    message: `AWS does not know the instance refresh ${refreshId} although it was started`,
    next: 'look at the instance refreshes of the group, then run this job again',
  });
}

function credentialsRanOut(error: unknown): DeployError {
  return new DeployError({
    reason: 'credentials',
    message: 'the credentials ran out while the rollout was going on',
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    left: 'the instance refresh goes on at AWS; with auto-rollback it undoes itself when it fails there',
    next: 'let the action assume the role itself (role-to-assume), so that it can renew the credentials, or ask for a longer session',
    cause: error,
  });
}
