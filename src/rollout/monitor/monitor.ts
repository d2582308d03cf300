import { bestEffort, pollUntil, type RolloutContext } from '../context/index.ts';
import { isComing } from '../model/index.ts';
import type { HookObservation, RolloutFacts, RolloutProgress } from '../model/index.ts';
import type { SmokeFailure } from '../smoke-test/index.ts';
import { evaluateRollout, type Cause, type VerdictTimeouts } from '../verdict/index.ts';
import { observe, readGroup } from './observe.ts';
import { nextPoll, remainingSeconds } from './poll-interval.ts';
import { changeLine, heartbeatLine, nothingShown, type ProgressInput, type ShownState } from './progress.ts';
import type { RolloutTracker } from './tracker.ts';

/** What is monitored, and what ends it. Times are seconds. */
export interface MonitorRequest<P extends RolloutProgress> {
  /** What `read` asks, as the end of "the deploy role may not …". */
  what: string;
  /** How the rollout stands, in one call; undefined while AWS does not list it yet. */
  read: () => Promise<P | undefined>;
  tracker: RolloutTracker;
  /** Seconds that the estimate said. */
  expected: number;
  /** undefined where nothing is evaluated: there is no version that could be condemned. */
  timeouts: VerdictTimeouts | undefined;
  /** Activities before it are not read; the rollout's own start when left out. */
  since?: Date | undefined;
  /** Clock seconds at which waiting ends. */
  deadline: number;
  /** Names of the guard alarms that are read. */
  alarms: string[];
  /** True for a rollout that goes back to the old version, which the tracker is about then. */
  isRollback?: boolean;
  /** Asks the service itself while versions are mixed; undefined where there is no smoke test. */
  smokeTest?:
    ((facts: RolloutFacts, progress: RolloutProgress) => Promise<SmokeFailure | undefined>) | undefined;
  /**
   * Takes the rollout's next step, where AWS does not do it by itself: after each look that condemns nothing. `say`
   * writes a line; an end that it returns is the monitoring's.
   */
  advance?(seen: Seen<P>, say: (line: string) => void): Promise<AdvanceEnd<P> | undefined>;
  /** Seconds between two looks at most, where there is something to be quick about. */
  longestPause?(): number;
}

/** What a step is taken on. */
export interface Seen<P extends RolloutProgress> {
  progress: P;
  facts: RolloutFacts;
}

/** How a step can end the monitoring. */
export type AdvanceEnd<P extends RolloutProgress> =
  { kind: 'ended'; progress: P } | { kind: 'condemned'; cause: Cause } | { kind: 'paused' };

/** How monitoring ended; `facts` is what was known then (before a rollback began, if one did). Seconds since its start. */
export type MonitorEnd<P extends RolloutProgress> = {
  facts: RolloutFacts;
  progress: P | undefined;
  seconds: number;
} & EndKind<P>;

type EndKind<P extends RolloutProgress> =
  | { kind: 'ended'; progress: P }
  | { kind: 'condemned'; cause: Cause }
  | { kind: 'timeout' }
  | { kind: 'cancelled' }
  /** It waits for a person. */
  | { kind: 'paused' }
  /** Somebody deleted the group. */
  | { kind: 'gone' };

/** Seconds without a change after which a line shows that somebody is watching. */
export const heartbeatSeconds = 45;
/** Seconds after which everything around the rollout is read although the rollout itself did not move. */
const observeSeconds = 30;
/** Seconds that a rollback which began before the deadline may go on after it. */
const rollbackSeconds = 7200;

interface MonitorState<P> {
  startedAt: number;
  progress: P | undefined;
  facts: RolloutFacts | undefined;
  shown: ShownState;
  observedAt: number;
  /** Set when the group was seen to be deleted. */
  gone: boolean;
}

/**
 * Monitors a rollout to its end, or until the verdict, the deadline or the job's cancellation ends the monitoring.
 * One call a poll; instances, targets, activities and alarms are read when the rollout moved or half a minute passed.
 *
 * @throws DeployError `credentials` when AWS denies the question or credentials stay expired; what `read` throws
 */
export function monitor<P extends RolloutProgress>(
  context: RolloutContext,
  request: MonitorRequest<P>,
): Promise<MonitorEnd<P>> {
  const { clock } = context;
  const startedAt = clock.now();
  const state: MonitorState<P> = {
    startedAt,
    progress: undefined,
    facts: undefined,
    shown: nothingShown,
    observedAt: -Infinity,
    gone: false,
  };
  const end = (kind: EndKind<P>): MonitorEnd<P> => ending(context, request, { state, kind });
  const gone = (): MonitorEnd<P> => end({ kind: 'gone' });
  return pollUntil<P | undefined, MonitorEnd<P>>(context, {
    what: request.what,
    read: request.read,
    evaluate: async (progress, say) => {
      if (!progress) return undefined;
      await take(context, request, { state, progress });
      if (state.gone) return gone();
      report(context, request, { state, progress, say });
      if (progress.stage === 'over') return end({ kind: 'ended', progress });
      const cause = evaluate(context, request, state) ?? (await askService(request, state));
      if (cause) return end({ kind: 'condemned', cause });
      const { facts } = state;
      const taken = facts && (await request.advance?.({ progress, facts }, say));
      return taken && end(taken);
    },
    onRefusal: async () => ((await readGroup(context)).gone ? gone() : undefined),
    interval: () =>
      Math.min(
        nextPoll(clock.now() - startedAt, state.progress?.percentageComplete ?? 0, request.expected),
        request.longestPause?.() ?? Infinity,
      ),
    deadline: () => request.deadline + grace(state),
    onDeadline: () => end({ kind: 'timeout' }),
    onCancel: () => end({ kind: 'cancelled' }),
    heartbeat: { seconds: heartbeatSeconds, line: () => heartbeat(context, request, state) },
  });
}

/** Reads the launch hooks once, for the diagnosis. */
export async function readHooks(context: RolloutContext): Promise<HookObservation[]> {
  const hooks = await bestEffort(context, 'see the lifecycle hooks', () => context.api.hooks(context.group));
  return hooks ?? [];
}

/** A rollback that AWS has begun is seen to its end: what it came from is worth more than a timeout. */
function grace({ progress }: MonitorState<RolloutProgress>): number {
  return progress?.stage === 'rolling-back' ? rollbackSeconds : 0;
}

function ending<P extends RolloutProgress>(
  context: RolloutContext,
  { tracker }: MonitorRequest<P>,
  { state, kind }: { state: MonitorState<P>; kind: EndKind<P> },
): MonitorEnd<P> {
  const now = context.clock.now();
  const facts = state.facts ?? tracker.facts(now, state.progress?.statusReason ?? '');
  return { progress: state.progress, facts, seconds: now - state.startedAt, ...kind };
}

/** Takes note of how the rollout stands, and observes what is around it when that moved. */
async function take<P extends RolloutProgress>(
  context: RolloutContext,
  request: MonitorRequest<P>,
  { state, progress }: { state: MonitorState<P>; progress: P },
): Promise<void> {
  const now = context.clock.now();
  const { tracker } = request;
  const moved = tracker.moved(now, progress.fingerprint);
  state.progress = progress;
  context.course.stage(now, isGoingBack(request, progress) ? 'rolling-back' : progress.stage);
  const turned = isTurned(request, progress);
  if (moved || now - state.observedAt >= observeSeconds) {
    state.observedAt = now;
    const { gone } = await observe(context, tracker, {
      since: request.since ?? progress.startTime,
      alarms: request.alarms,
      consoles: !turned,
    });
    state.gone = gone;
  }
  // Once it rolls back, what was seen before stays the evidence: the rollback takes the bad instances away.
  if (!turned || state.facts === undefined)
    state.facts = tracker.facts(context.clock.now(), progress.statusReason);
}

/** A refresh of its own that goes back to the old version replaces instances like any other. */
function isGoingBack(
  { isRollback }: Pick<MonitorRequest<RolloutProgress>, 'isRollback'>,
  { stage }: RolloutProgress,
): boolean {
  return isRollback === true && isComing(stage);
}

/** Whether AWS has turned the rollout round that is monitored on its way to the new version. */
function isTurned(
  { isRollback }: Pick<MonitorRequest<RolloutProgress>, 'isRollback'>,
  { rollingBack }: RolloutProgress,
): boolean {
  return rollingBack && isRollback !== true;
}

function report<P extends RolloutProgress>(
  context: RolloutContext,
  request: MonitorRequest<P>,
  { state, progress, say }: { state: MonitorState<P>; progress: P; say: (line: string) => void },
): void {
  const change = changeLine(progressInput(context, request, { state, progress }), state.shown);
  if (!change) return;
  state.shown = change.shown;
  say(change.line);
}

function heartbeat<P extends RolloutProgress>(
  context: RolloutContext,
  request: MonitorRequest<P>,
  state: MonitorState<P>,
): string {
  const input = progressInput(context, request, { state, progress: state.progress });
  return heartbeatLine(input, input.facts.quiet);
}

function progressInput<P extends RolloutProgress>(
  { clock, startedAt, target }: RolloutContext,
  { tracker, expected, isRollback = false }: MonitorRequest<P>,
  { state, progress }: { state: MonitorState<P>; progress: P | undefined },
): ProgressInput {
  const now = clock.now();
  return {
    elapsed: now - startedAt,
    isRollback,
    progress,
    facts: tracker.facts(now, progress?.statusReason ?? ''),
    version: target.version,
    remaining: remainingSeconds(now - state.startedAt, progress?.percentageComplete ?? 0, expected),
  };
}

/** The verdict's say; none on what is being cancelled or taken back already. */
function evaluate<P extends RolloutProgress>(
  { run }: RolloutContext,
  request: MonitorRequest<P>,
  { progress, facts }: MonitorState<P>,
): Cause | undefined {
  const { timeouts } = request;
  if (!timeouts || !facts || !progress || isTurned(request, progress)) return undefined;
  if (progress.stage === 'cancelling') return undefined;
  // Nothing is to move while the new version is only watched, for as long as bake-time says.
  const stall = progress.stage === 'baking' ? Infinity : timeouts.stall;
  const verdict = evaluateRollout(facts, { ...timeouts, stall });
  if (verdict.kind === 'condemn') return verdict.cause;
  run.log.debug(`keep waiting: ${verdict.waitingFor}`);
  return undefined;
}

/** The smoke test's say, while the new version is still on its way in. */
async function askService<P extends RolloutProgress>(
  { smokeTest }: MonitorRequest<P>,
  { progress, facts }: MonitorState<P>,
): Promise<Cause | undefined> {
  if (!smokeTest || !facts || !progress) return undefined;
  if (!isComing(progress.stage) && progress.stage !== 'baking') return undefined;
  const failure = await smokeTest(facts, progress);
  return failure && { kind: 'smoke', failure };
}
