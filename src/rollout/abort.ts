import type { TerraformOutputs } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { abortRollout } from './blue-green/index.ts';
import { openContext, type RolloutDependencies } from './roll-out.ts';
import { abortRefresh } from './rolling/index.ts';
import type { Aborted } from './strategy/index.ts';

/**
 * Takes back what is under way or waits for a person, between the two groups of an environment or in its only one, from
 * what AWS says alone.
 *
 * @returns undefined where nothing was under way
 * @throws DeployError as `abortRollout` and `abortRefresh`
 */
export async function abort(
  run: Run,
  outputs: TerraformOutputs,
  dependencies: RolloutDependencies = {},
): Promise<Aborted | undefined> {
  const { blueGreen } = outputs;
  const context = openContext(run, outputs, dependencies);
  return blueGreen === undefined ? abortRefresh(context) : abortRollout(context, blueGreen);
}
