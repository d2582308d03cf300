import { DeployError, type TerraformOutputs } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { abortRollout, type Aborted } from './blue-green/index.ts';
import { openContext, type RolloutDependencies } from './roll-out.ts';

/**
 * Takes back what is under way between the two groups of an environment, from what AWS says alone.
 *
 * @returns undefined where nothing was under way
 * @throws DeployError `input-invalid` for a root with one group, and as `abortRollout`
 */
export async function abort(
  run: Run,
  outputs: TerraformOutputs,
  dependencies: RolloutDependencies = {},
): Promise<Aborted | undefined> {
  const { blueGreen } = outputs;
  if (blueGreen === undefined) throw noGroups(run.inputs.command);
  return abortRollout(openContext(run, outputs, dependencies), blueGreen);
}

function noGroups(command: string): DeployError {
  return new DeployError({
    reason: 'input-invalid',
    message: `command is "${command}", and the Terraform root of this environment is made for rolling: there is nothing that waits for a person`,
    left: 'Nothing was touched.',
    next: 'use rollback to take back what runs, or set rollout = { strategy = "blue-green" } in the variables of this environment',
  });
}
