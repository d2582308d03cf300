import { DeployError, type TerraformOutputs } from '../core/index.ts';
import { inputsOfOtherStrategy, pauseAtAdvice, type Inputs, type StrategyName } from '../inputs/index.ts';
import { blueGreen } from './blue-green/index.ts';
import { rolling } from './rolling/index.ts';
import type { Strategy } from './strategy/index.ts';

/**
 * The strategy that the Terraform root is made for: what it gives is what can be moved. Pure.
 *
 * @throws DeployError `input-invalid` where the inputs are for another one
 */
export function strategyOf(inputs: Inputs, { blueGreen: outputs }: TerraformOutputs): Strategy {
  const strategy = outputs === undefined ? rolling : blueGreen(outputs);
  requireInputsOf(inputs, outputs === undefined ? 'rolling' : 'blue-green', 'no instance was touched');
  return strategy;
}

/**
 * Refuses inputs that are for another strategy than the one that the Terraform root is made for. Pure.
 *
 * @param left what had been done when that was known
 * @throws DeployError `input-invalid`
 */
export function requireInputsOf(inputs: Inputs, name: StrategyName, left: string): void {
  if (inputs.strategy !== undefined && inputs.strategy !== name)
    throw otherStrategy(inputs.strategy, name, left);
  const others = inputsOfOtherStrategy(inputs, name);
  if (others.length > 0) throw inputsOfOther(others, name, left);
  const advice = pauseAtAdvice(inputs, name);
  if (advice !== undefined) throw noSuchPause(inputs.pauseAt, { name, advice, left });
}

function noSuchPause(
  pauseAt: number | undefined,
  { name, advice, left }: { name: StrategyName; advice: string; left: string },
): DeployError {
  return new DeployError({
    reason: 'input-invalid',
    message: `pause-at is "${pauseAt ?? ''}", where no rollout stands with ${name}, which the Terraform root of this environment is made for`,
    left,
    next: advice,
  });
}

function otherStrategy(asked: string, is: string, left: string): DeployError {
  return new DeployError({
    reason: 'input-invalid',
    message: `strategy is "${asked}", and the Terraform root of this environment is made for ${is}`,
    evidence: [
      {
        label: 'what says so',
        text: `its output blue_green is ${is === 'rolling' ? 'null or missing' : 'an object'}`,
      },
    ],
    left,
    next: `set rollout = { strategy = "${asked}" } in the variables of this environment and deploy, or leave the input strategy out`,
  });
}

function inputsOfOther(names: readonly string[], strategy: string, left: string): DeployError {
  return new DeployError({
    reason: 'input-invalid',
    message: `${names.join(', ')}: ${names.length === 1 ? 'this input is' : 'these inputs are'} not for ${strategy}, which the Terraform root of this environment is made for`,
    left,
    next: `leave ${names.length === 1 ? 'it' : 'them'} out, or set rollout = { strategy = "${strategy === 'rolling' ? 'blue-green' : 'rolling'}" } in the variables of this environment`,
  });
}
