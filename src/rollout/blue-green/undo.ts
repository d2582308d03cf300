import { duration, errorText, type BlueGreenOutputs } from '../../core/index.ts';
import { bestEffort, pollUntil, previousName, type RolloutContext } from '../context/index.ts';
import { describeLeft, type ActiveRollout, type RollbackOutcome } from '../strategy/index.ts';
import { unmarkRollout } from './mark.ts';
import { bringAbout, propagation } from './settle.ts';
import { liveSizes, look, readFleets, seeFleets, sideIn, type Fleets } from './sides.ts';
import { needsShift, tooFew, weightsOf, type Side } from './state.ts';

/** The side that gets all requests back, and the one that goes. */
export interface WayBack {
  keeps: string;
  goes: string;
  /** What this run itself began is taken back: the side that keeps the requests was whole. */
  isOwn?: boolean;
}

/**
 * All requests to one side in one change of the weights, then the other is emptied when the load balancer's nodes have
 * taken that up, and the one that serves gets its own sizes back. Requests that are under way get the deregistration delay.
 *
 * A side of which too little serves never gets the requests, and what serves never shrinks.
 */
export async function giveBack(
  context: RolloutContext,
  outputs: BlueGreenOutputs,
  way: WayBack,
): Promise<{ why: string | undefined; secondsToUndo: number | undefined }> {
  const { clock, run } = context;
  const { keeps, goes } = way;
  const began = clock.now();
  let secondsToUndo: number | undefined;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = await look(context, outputs);
    const [kept, gone] = [sideIn(before, keeps), sideIn(before, goes)];
    const isToShift = needsShift(kept, gone);
    const why = isToShift ? await requestsBack(context, outputs, { kept, gone, way }) : undefined;
    if (why !== undefined) return { why, secondsToUndo: undefined };
    if (isToShift || secondsToUndo === undefined) secondsToUndo = clock.now() - began;
    if (isToShift) {
      const after = duration(clock.now() - began);
      run.log.line(
        `all requests go to ${keeps} (version ${kept.version ?? '?'}) again, ${after} after the verdict`,
      );
      await clock.sleep(propagation);
    }
    const { stays, isToShiftAgain } = await emptied(context, outputs, way);
    if (!isToShiftAgain) {
      if (stays !== undefined) run.log.warning(`${goes} is not as it should be between rollouts: ${stays}`);
      return { why: undefined, secondsToUndo };
    }
    run.log.warning(`${goes} is given requests again by somebody else: they are taken back once more`);
  }
  return {
    why: `${goes} is given requests again by somebody else, ${attempts} times`,
    secondsToUndo: undefined,
  };
}

/** A run that still drives what is taken back may give it requests once more before it sees that. */
const attempts = 3;

function requestsBack(
  context: RolloutContext,
  outputs: BlueGreenOutputs,
  { kept, gone, way }: { kept: Side; gone: Side; way: WayBack },
): Promise<string | undefined> | string {
  return tooFew(kept, gone, way.isOwn === true) ?? shiftBack(context, outputs, { kept, gone });
}

/** The requests are back: what can't be emptied costs money and no request. */
async function emptied(
  context: RolloutContext,
  outputs: BlueGreenOutputs,
  way: WayBack,
): Promise<{ stays: string | undefined; isToShiftAgain: boolean }> {
  try {
    const stays = await sizes(context, outputs, way);
    const after = await look(context, outputs);
    if (stays === undefined) await unmarkRollout(context, outputs);
    return { stays, isToShiftAgain: needsShift(sideIn(after, way.keeps), sideIn(after, way.goes)) };
  } catch (error) {
    return { stays: errorText(error), isToShiftAgain: false };
  }
}

/** One change of the weights, read back. */
async function shiftBack(
  context: RolloutContext,
  { listenerRuleArn }: BlueGreenOutputs,
  { kept, gone }: { kept: Side; gone: Side },
): Promise<string | undefined> {
  const weights = weightsOf(gone, kept, 100);
  return bringAbout(context, {
    what: 'change the weights back',
    read: () => context.api.forwardRule(listenerRuleArn),
    isSo: (rule) => (rule?.weights[kept.targetGroupArn] ?? 0) > 0 && rule?.weights[gone.targetGroupArn] === 0,
    bring: () => context.api.setForwardWeights(listenerRuleArn, weights),
  });
}

/**
 * Empties the side without requests, and lets the other shrink and grow again; why not, where that fails. A side that has
 * requests at any look is left as it is, and so is the other.
 */
export async function sizes(
  context: RolloutContext,
  outputs: BlueGreenOutputs,
  { keeps, goes }: WayBack,
): Promise<string | undefined> {
  const read = () => readFleets(context.api, outputs);
  const emptied = await bringAbout(context, {
    what: `empty ${goes}`,
    read,
    isSo: (fleets) => sideIn(fleets, goes).group.desired === 0 && sideIn(fleets, goes).group.minSize === 0,
    prevented: (fleets) => (sideIn(fleets, goes).weight > 0 ? `${goes} has requests` : undefined),
    bring: () => context.api.setSizes(goes, { minSize: 0, desired: 0 }),
  });
  const now = await look(context, outputs);
  if (sideIn(now, goes).weight > 0) return `${goes} has requests`;
  const released = await release(context, outputs, keeps);
  if (emptied === undefined) await untilGone(context, outputs, goes);
  return emptied ?? released;
}

/** Seconds that instances get to be on their way out. */
const leavingSeconds = 60;

async function untilGone(context: RolloutContext, outputs: BlueGreenOutputs, goes: string): Promise<void> {
  const until = context.clock.now() + leavingSeconds;
  await pollUntil<Fleets, true>(context, {
    what: 'see both groups',
    read: () => seeFleets(context, outputs),
    evaluate: (fleets) => sideIn(fleets, goes).staying === 0 || undefined,
    interval: () => 2,
    deadline: () => until,
    onDeadline: () => true,
    unansweredSeconds: leavingSeconds,
  });
}

/** Gives the live group its own sizes; why not, where that fails. */
export async function release(
  context: RolloutContext,
  outputs: BlueGreenOutputs,
  keeps: string,
): Promise<string | undefined> {
  return bringAbout(context, {
    what: `give ${keeps} its own sizes back`,
    read: () => readFleets(context.api, outputs),
    isSo(fleets) {
      const side = sideIn(fleets, keeps);
      const { minSize, maxSize } = liveSizes(outputs, side);
      return side.group.minSize === minSize && side.group.maxSize === maxSize;
    },
    async bring() {
      const side = sideIn(await readFleets(context.api, outputs), keeps);
      await context.api.setSizes(keeps, liveSizes(outputs, side));
    },
  });
}

/**
 * The live group is kept from shrinking while a rollout is under way: one that came to no end has left it so. It gets its own
 * sizes where nothing is under way any more; what can't be done now, the next run does.
 */
export async function unpin(
  context: RolloutContext,
  outputs: BlueGreenOutputs,
  { state: { kind, from } }: Fleets,
): Promise<void> {
  const { minSize, desired } = from.group;
  const isPinned = minSize === desired && minSize > liveSizes(outputs, from).minSize;
  if (!isPinned || (kind !== 'steady' && kind !== 'warm')) return;
  const why = await release(context, outputs, from.name).catch(errorText);
  if (why === undefined)
    context.run.log.line(`${from.name} may shrink again: a rollout that came to no end had pinned it`);
  else context.run.log.warning(`${from.name} does not have its sizes: ${why}`);
}

/** Brings the old version back where it may be; without auto-rollback both versions stay as they are. */
export async function undo(
  active: ActiveRollout,
  outputs: BlueGreenOutputs,
  way: WayBack,
): Promise<RollbackOutcome> {
  const { context, settings, traffic, begunAt } = active;
  if (!settings.autoRollback) return leave(context);
  context.run.log.line(`rolling back to ${previousName(context.target)}: its fleet is still there`);
  const began = context.clock.now();
  context.course.stage(began, 'rolling-back');
  const { why, secondsToUndo } = await giveBack(context, outputs, way);
  if (traffic !== undefined && secondsToUndo !== undefined) {
    traffic.secondsToUndo = secondsToUndo;
    if (traffic.shifts.length > 0)
      traffic.shifts.push({ seconds: Math.round(began + secondsToUndo - begunAt), weight: 0 });
  }
  const left = await describeLeft(context);
  if (why === undefined)
    return {
      kind: 'rolled-back',
      left: { ...left, text: `${left.text}${await standing(active, outputs, way)}` },
      why: '',
    };
  return {
    kind: 'rollback-failed',
    left,
    why,
    next: `run the command abort of this action when ${way.keeps} serves`,
  };
}

/** "; shop-prod has all requests, and shop-prod-green is empty", as it was read; '' where it could not be. */
async function standing(
  { context }: ActiveRollout,
  outputs: BlueGreenOutputs,
  { keeps, goes }: WayBack,
): Promise<string> {
  const fleets = await bestEffort(context, 'see both groups', () => readFleets(context.api, outputs));
  if (fleets === undefined) return '';
  const { staying } = sideIn(fleets, goes);
  const stays = staying === 0 ? 'is empty' : `still has ${staying} of its instances`;
  return `; ${keeps} has ${sideIn(fleets, keeps).weight} % of the requests, and ${goes} ${stays}`;
}

async function leave(context: RolloutContext): Promise<RollbackOutcome> {
  const { text, instances } = await describeLeft(context);
  return {
    kind: 'left',
    left: { text: `the weights stay as they are (auto-rollback is false): ${text}`, instances },
    why: '',
  };
}

/** A way back has failed, and what it leaves was never proven: a person decides. */
export async function bothStay({ context }: ActiveRollout): Promise<RollbackOutcome> {
  const { text, instances } = await describeLeft(context);
  const left = `this was the way back from a version that was never proven, so both fleets stay (command status): ${text}`;
  return { kind: 'left', left: { text: left, instances }, why: '' };
}

/** What somebody else has taken back is theirs: nothing is changed any more. */
export async function untouched({ context }: ActiveRollout): Promise<RollbackOutcome> {
  const { text, instances } = await describeLeft(context);
  return { kind: 'left', left: { text: `this run touched nothing more: ${text}`, instances }, why: '' };
}
