import { explainAwsError } from '../aws/index.ts';
import type { RolloutResult } from '../core/index.ts';
import { DeployError, duration } from '../core/index.ts';
import { beginRollout, timeoutsOf, type Attempt } from './attempt.ts';
import { throwIfCancelled } from './context/index.ts';
import { diagnose } from './diagnosis/index.ts';
import { concludeRollout, verifySuccess } from './finish.ts';
import type { RolloutProgress } from './model/index.ts';
import { monitor, readHooks, RolloutTracker, type MonitorEnd } from './monitor/index.ts';
import { estimateWords } from './plan/index.ts';
import { requirePreflight } from './preflight/index.ts';
import { resultOf, timeOf } from './result.ts';
import type { RolloutSmokeTest } from './smoke-test/index.ts';
import type { ActiveRollout } from './strategy/index.ts';
import { undoneError, unsuccessfulError } from './unsuccessful.ts';
import { restartedCause } from './verdict/index.ts';

/**
 * Replaces every instance that has to be, by the strategy: preflight, estimate, start, monitor, then finish or undo.
 *
 * @param adopted the id of a rollout of somebody else that brings the same version; it is monitored instead
 * @returns undefined when somebody else's rollout came first
 * @throws DeployError as `rollOut`
 */
export async function replace(attempt: Attempt, adopted?: string): Promise<RolloutResult | undefined> {
  const { context, strategy, snapshot, smokeTest } = attempt;
  if (adopted === undefined) {
    const [findings, unreachable] = await Promise.all([
      strategy.preflight(context, snapshot),
      smokeTest?.reach(snapshot),
    ]);
    requirePreflight(context, [...findings, ...(unreachable ?? [])]);
  }
  const expected = strategy.announce(context, snapshot, attempt.image);
  const estimate = { seconds: expected.seconds, mostly: expected.mostly };
  const active = beginRollout(attempt, { estimate });
  warnOfTimeout(attempt.context, expected.seconds);
  if (adopted === undefined) {
    await mixedTest(attempt)?.before(expected);
    throwIfCancelled(context);
  }
  attempt.begin();
  active.id = adopted ?? (await strategy.start(context, snapshot, active.settings));
  if (active.id === undefined) return undefined;
  const end = await telling(
    active,
    strategy.unwatched,
    monitorReplacement(attempt, active, adopted !== undefined),
  );
  if (end.kind === 'paused')
    return resultOf(
      active,
      'paused',
      end.facts.instances.map(({ id }) => id),
    );
  if (end.kind !== 'ended' || !end.progress.succeeded) throw await unsuccessfulError(strategy, active, end);
  context.run.log.line(
    `${strategy.success} after ${duration(end.seconds)}; the forecast was ${estimateWords(estimate)}`,
  );
  const undo = { strategy, active, ended: end.progress };
  const isPaused = await strategy.pause?.(active, end.progress);
  const restarted = restartedCause(end.facts);
  if (restarted) throw await undoneError(undo, diagnose(restarted, end.facts, context.names));
  const isPartial = (snapshot.settings.checkpoints.at(-1) ?? 100) < 100;
  const verified = verifySuccess(undo, {
    status: isPaused === true ? 'paused' : isPartial ? 'partly-replaced' : 'successful',
    smokeTest,
  });
  const unseen = `${strategy.success}; whether its instances serve was not seen`;
  const result = await telling(active, unseen, verified);
  if (isPaused !== true) await concludeRollout(strategy, active);
  return { ...result, ...timeOf(active) };
}

/**
 * What ends the watching of a rollout that was begun is no end of it: the error says what becomes of it, and its result
 * names it.
 */
async function telling<T>(active: ActiveRollout, left: string, watching: Promise<T>): Promise<T> {
  try {
    return await watching;
  } catch (error) {
    const known =
      error instanceof DeployError ? error : explainAwsError(error, active.context.run.inputs.region);
    if (known === undefined || known.rollout !== undefined) throw error;
    const { reason, message, evidence, next, cause } = known;
    throw new DeployError({
      ...{ reason, message, evidence, cause, left, rollout: resultOf(active, 'failed', []) },
      ...(next !== undefined && { next }),
    });
  }
}

/** Said before anything is begun: what takes longer than it may is taken back in the middle. */
function warnOfTimeout({ run, clock, deadline }: Attempt['context'], seconds: number): void {
  const left = deadline - clock.now();
  if (seconds <= left) return;
  run.log.warning(
    `the forecast of ${duration(seconds)} is longer than the ${duration(left)} that timeout (${run.inputs.timeout} s) leaves: the rollout would be ended in the middle. Raise timeout, or let it take less`,
  );
}

async function monitorReplacement(
  attempt: Attempt,
  active: ActiveRollout,
  isAdopted: boolean,
): Promise<MonitorEnd<RolloutProgress>> {
  const { context, strategy, snapshot, smokeTest } = attempt;
  const { clock, target, deadline } = context;
  const mixed = mixedTest(attempt);
  // Instances that an adopted rollout has brought up already are as new as those to come.
  const old = snapshot.group.instances.filter(
    (each) => !isAdopted || each.templateVersion !== target.version,
  );
  const tracker = new RolloutTracker(target, clock.now(), { before: old.map(({ id }) => id) });
  tracker.hooks(await readHooks(context));
  const { checkpoints } = snapshot.settings;
  return monitor(context, {
    ...strategy.progress(active, { snapshot, smokeTest }),
    tracker,
    expected: active.estimate?.seconds ?? 0,
    timeouts: timeoutsOf(attempt),
    deadline,
    alarms: active.settings.alarms,
    smokeTest: mixed && ((facts, progress) => mixed.during(facts, progress, checkpoints)),
  });
}

/** Asks while both versions answer. Where they are kept apart, it would be the old one until the end. */
function mixedTest({ strategy, smokeTest }: Attempt): RolloutSmokeTest | undefined {
  return strategy.previews ? undefined : smokeTest;
}
