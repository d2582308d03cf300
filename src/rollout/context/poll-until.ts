import { callFailure, DeployError, duration, errorText } from '../../core/index.ts';
import type { RolloutContext } from './context.ts';
import { noLongerAllowed, notAllowed } from './retry.ts';

/** A question that is asked again and again, and everything that can end the asking. Times are clock seconds. */
export interface Poll<Reading, End> {
  /** What is asked, as the end of "the deploy role may not …". */
  what: string;
  read: () => Promise<Reading>;
  /** The end, or undefined to go on. `say` writes a line to the log, which puts the heartbeat off. */
  evaluate: (reading: Reading, say: (line: string) => void) => Promise<End | undefined> | End | undefined;
  /** Seconds until the next question. */
  interval: () => number;
  deadline: () => number;
  onDeadline: () => Promise<End> | End;
  /** How it ends when the job is cancelled; left out where it goes on all the same. */
  onCancel?: () => Promise<End> | End;
  /** After so many seconds without a line, one that shows that somebody is watching. */
  heartbeat?: { seconds: number; line: () => string };
  /** AWS answered no. Left out, its error is thrown; undefined goes on asking. */
  onRefusal?: (error: unknown) => Promise<End | undefined>;
  /** Seconds without an answer after which the last error is thrown; left out, the deadline decides. */
  unansweredSeconds?: number;
}

/** Seconds that credentials may stay expired, while they are asked for anew, and that a clock may stay wrong. */
const expiredSeconds = 300;
/** Seconds waited at the least, also at the deadline. */
const shortestWait = 2;

type Handlers<End> = Omit<Poll<unknown, End>, 'read' | 'evaluate'>;

interface Loop {
  spokeAt: number;
  /** When the first of the questions was asked that have no answer; undefined after an answer. */
  silentSince: number | undefined;
  lastError: string;
}

/**
 * The one loop that waits for something at AWS. An answer that does not come is not knowing, never failure: throttled
 * and lost calls are asked again, expired credentials are renewed, and a heartbeat says so.
 *
 * @throws DeployError `credentials` when AWS denies the question or the credentials stay expired; AWS's own error when
 *   it refuses the question (see `onRefusal`), stays silent (see `unansweredSeconds`) or finds the clock wrong for long;
 *   what `read` and the handlers throw
 */
export async function pollUntil<Reading, End>(
  context: RolloutContext,
  poll: Poll<Reading, End>,
): Promise<End> {
  const { clock, run } = context;
  const loop: Loop = { spokeAt: clock.now(), silentSince: undefined, lastError: '' };
  for (;;) {
    if (poll.onCancel && run.signal.aborted) return poll.onCancel();
    const end = await askOnce(context, poll, loop);
    if (end !== undefined) return end;
    if (poll.onCancel && run.signal.aborted) return poll.onCancel();
    const left = poll.deadline() - clock.now();
    if (left <= 0) return poll.onDeadline();
    beat(context, poll, loop);
    const wait = Math.min(poll.interval(), Math.max(shortestWait, left));
    await clock.sleep(wait, poll.onCancel && run.signal);
  }
}

async function askOnce<Reading, End>(
  context: RolloutContext,
  poll: Poll<Reading, End>,
  loop: Loop,
): Promise<End | undefined> {
  let reading: Reading;
  try {
    reading = await poll.read();
  } catch (error) {
    return noAnswer(context, poll, { loop, error });
  }
  loop.silentSince = undefined;
  return poll.evaluate(reading, (line) => say(context, loop, line));
}

async function noAnswer<End>(
  { api, clock, run }: RolloutContext,
  poll: Handlers<End>,
  { loop, error }: { loop: Loop; error: unknown },
): Promise<End | undefined> {
  if (error instanceof DeployError) throw error;
  const failure = callFailure(error);
  if (failure === 'denied') throw notAllowed(poll.what, error);
  if (failure === 'refused') {
    if (!poll.onRefusal) throw error;
    const end = await poll.onRefusal(error);
    if (end !== undefined) return end;
  }
  loop.silentSince ??= clock.now();
  loop.lastError = errorText(error);
  const silence = clock.now() - loop.silentSince;
  if (failure === 'expired') api.renewCredentials();
  if (failure === 'expired' || failure === 'skewed') {
    if (silence >= expiredSeconds) throw failure === 'expired' ? noLongerAllowed(poll.what, error) : error;
  } else if (silence >= (poll.unansweredSeconds ?? Infinity)) throw error;
  run.log.debug(`${poll.what}: ${loop.lastError}; asking again`);
  return undefined;
}

function beat<End>(context: RolloutContext, { heartbeat }: Handlers<End>, loop: Loop): void {
  const now = context.clock.now();
  if (!heartbeat || now - loop.spokeAt < heartbeat.seconds) return;
  const silence = loop.silentSince === undefined ? 0 : now - loop.silentSince;
  say(
    context,
    loop,
    silence < heartbeat.seconds
      ? heartbeat.line()
      : `AWS has not answered for ${duration(silence)} (${loop.lastError}): the state is not known, asking again`,
  );
}

function say({ clock, run }: RolloutContext, loop: Loop, line: string): void {
  loop.spokeAt = clock.now();
  run.log.line(line);
}
