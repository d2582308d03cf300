import { errorText, type BlueGreenOutputs } from '../../core/index.ts';
import { describeLeft, type ActiveRollout, type TakenBack } from '../strategy/index.ts';
import { unmarkRollout } from './mark.ts';
import { bringAbout, propagation } from './settle.ts';
import { look, readFleets, sideIn } from './sides.ts';
import { release, sizes } from './undo.ts';

/**
 * The new version was seen to serve: the old fleet goes, or is kept with sizes that no policy changes, and the new one
 * gets the sizes of a live group. What can't be done now is done by the next run.
 *
 * @returns what is told where somebody has given the old version requests again
 */
export async function conclude(
  active: ActiveRollout,
  outputs: BlueGreenOutputs,
): Promise<TakenBack | undefined> {
  const { context, before } = active;
  const { run, clock, group: keeps } = context;
  const goes = before.name;
  if (goes === keeps) return grown(active, outputs);
  const last = active.traffic?.shifts.at(-1);
  const since = last === undefined ? propagation : clock.now() - active.begunAt - last.seconds;
  if (since < propagation) await clock.sleep(propagation - since);
  const { why, desired, hasRequests } = await retire(active, outputs, goes).catch(notNow);
  if (hasRequests) return requestsAgain(active, goes);
  if (why !== undefined) {
    run.log.warning(`${goes} is not as it should be between rollouts: ${why}. The next run sees to it`);
    return undefined;
  }
  run.log.line(
    run.inputs.keepPrevious
      ? `${goes} stays up with ${desired} instances, as keep-previous says: the command rollback is one change of the weights`
      : `${goes} is emptied: its instances finish their requests first`,
  );
  return undefined;
}

interface Retired {
  why: string | undefined;
  /** Instances that the old fleet had. */
  desired: number;
  /** Somebody has given it requests again meanwhile: what serves is never emptied. */
  hasRequests: boolean;
}

async function retire(active: ActiveRollout, outputs: BlueGreenOutputs, goes: string): Promise<Retired> {
  const { context } = active;
  const keeps = context.group;
  const before = sideIn(await look(context, outputs), goes);
  const { desired } = before.group;
  if (before.weight > 0) return { why: undefined, desired, hasRequests: true };
  const why = context.run.inputs.keepPrevious
    ? ((await freeze(active, outputs, goes)) ?? (await release(context, outputs, keeps)))
    : await sizes(context, outputs, { keeps, goes });
  if (why === undefined) await unmarkRollout(context, outputs);
  const after = sideIn(await look(context, outputs), goes);
  return { why, desired, hasRequests: after.weight > 0 };
}

/** The version was proven: that AWS does not answer now takes nothing from that. */
function notNow(error: unknown): Retired {
  return { why: errorText(error), desired: 0, hasRequests: false };
}

/** The requests did not stay with the version that was proven: that is no success. */
async function requestsAgain({ context }: ActiveRollout, goes: string): Promise<TakenBack> {
  const { text, instances } = await describeLeft(context);
  return {
    diagnosis: {
      reason: 'cancelled',
      sentence: `the rollout was taken back by somebody else at its end: ${goes} has requests again`,
      evidence: [],
      next: 'find out who did and why (a run of abort or rollback; else CloudTrail, ModifyRule), then run this job again',
    },
    left: { text: `this run touched nothing more: ${text}`, instances },
  };
}

/** Nothing was moved: the sizes that the Terraform root gives the live group may be others by now. */
async function grown({ context }: ActiveRollout, outputs: BlueGreenOutputs): Promise<undefined> {
  const why = await release(context, outputs, context.group).catch(errorText);
  if (why !== undefined) context.run.log.warning(`${context.group} does not have its sizes: ${why}`);
}

function freeze(
  { context }: ActiveRollout,
  outputs: BlueGreenOutputs,
  goes: string,
): Promise<string | undefined> {
  const read = async () => sideIn(await readFleets(context.api, outputs), goes).group;
  return bringAbout(context, {
    what: `keep ${goes}`,
    read,
    isSo: ({ minSize, desired, maxSize }) => minSize === desired && maxSize === desired,
    async bring() {
      const { desired } = await read();
      await context.api.setSizes(goes, { minSize: desired, maxSize: desired });
    },
  });
}
