import { errorText, type BlueGreenOutputs } from '../../core/index.ts';
import type { ActiveRollout } from '../strategy/index.ts';
import { readFleets, sideIn } from './sides.ts';
import { needsShift, stateWithAll, stateWords, tooFew, weightsOf } from './state.ts';
import { howItGoesOn, postStepEmpties, stayWords } from './interrupted.ts';
import type { WayBack } from './undo.ts';

/** Attempts that a cancelled job has for its one call: it has seconds. */
const attempts = 3;

/** What a cancelled job still does: the requests go back at once; the post step empties what has none any more. */
export async function orderOnCancel(
  { context }: ActiveRollout,
  outputs: BlueGreenOutputs,
  { keeps, goes, isOwn = false }: WayBack,
): Promise<string> {
  const { run, api, clock, target } = context;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const fleets = await readFleets(api, outputs);
      const [kept, gone] = [sideIn(fleets, keeps), sideIn(fleets, goes)];
      if (run.inputs.onCancel === 'leave')
        return `${stateWords(fleets.state)}, as on-cancel says: ${howItGoesOn({ kept, gone }, target.version)}`;
      const emptied = postStepEmpties(stateWithAll(fleets.sides, keeps), { kept, gone }, target.version);
      const becomes = `${goes} ${emptied ? 'is emptied by the post step' : stayWords({ kept, gone })}`;
      if (!needsShift(kept, gone)) return `${keeps} has all requests; ${becomes}`;
      const why = tooFew(kept, gone, isOwn);
      if (why !== undefined) return `${why}: ${stateWords(fleets.state)}`;
      await api.setForwardWeights(outputs.listenerRuleArn, weightsOf(gone, kept, 100));
      return `all requests go to version ${kept.version ?? '?'} in ${keeps} again; ${becomes}`;
    } catch (error) {
      if (attempt >= attempts)
        return `the weights could not be changed back (${errorText(error)}): run the command abort`;
      await clock.sleep(0.3);
    }
  }
}
