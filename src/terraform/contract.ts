import type { TerraformOutputs } from '../core/index.ts';
import { DeployError } from '../core/index.ts';

interface ContractOutput {
  type: string;
  accepts: (value: unknown) => boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isVersion = (value: unknown): boolean =>
  (typeof value === 'number' || isText(value)) && /^[1-9]\d*$/.test(String(value));

/** What a root must give for the action to deploy onto it, with the type that is shown to a person. */
export const contractOutputs: Record<string, ContractOutput> = {
  autoscaling_group_name: { type: 'string, not empty', accepts: isText },
  launch_template_id: {
    type: 'string beginning with lt-',
    accepts: (value) => isText(value) && value.startsWith('lt-'),
  },
  launch_template_version: { type: 'number, not $Latest or $Default', accepts: isVersion },
  target_group_arns: { type: 'list of strings', accepts: isTextList },
  url: { type: 'string, not empty', accepts: isText },
  repository_url: { type: 'string, not empty', accepts: isText },
  alarm_names: { type: 'list of strings', accepts: isTextList },
};

/** Variables that the action gives to a root, which it must declare. */
export const contractVariables = ['application', 'environment', 'region', 'image'] as const;

/** The contract's outputs that are not among `names`. */
export function missingOutputs(names: readonly string[]): string[] {
  return Object.keys(contractOutputs).filter((name) => !names.includes(name));
}

/**
 * The failure for a root that lacks outputs of the contract.
 * @param left what had been done when it was found
 */
export function outputsMissing(names: readonly string[], left: string): DeployError {
  const listed = names.map((name) => `${name} (${contractOutputs[name]?.type ?? 'any'})`);
  return new DeployError({
    reason: 'terraform-contract',
    message: `the Terraform root does not give ${names.length === 1 ? 'an output' : `${names.length} outputs`} that the action needs: ${listed.join(', ')}`,
    left,
    next: `add ${names.map((name) => `output "${name}"`).join(', ')} to the root; "Your own Terraform" in the documentation shows all of them`,
  });
}

/**
 * The outputs of a root, as the rollout needs them.
 * @param outputs every non-sensitive output by its Terraform name, as `terraform output -json` gives the values
 * @param left what had been done when they were read, for the failure
 * @throws DeployError terraform-contract, naming each output that is missing or of another type
 */
export function readContract(outputs: Record<string, unknown>, left: string): TerraformOutputs {
  const missing = missingOutputs(Object.keys(outputs));
  if (missing.length > 0) throw outputsMissing(missing, left);
  const wrong = Object.entries(contractOutputs).filter(([name, { accepts }]) => !accepts(outputs[name]));
  if (wrong.length > 0) {
    throw new DeployError({
      reason: 'terraform-contract',
      message: `the Terraform root gives outputs that the action can't use: ${wrong
        .map(([name, { type }]) => `${name} is ${JSON.stringify(outputs[name])} and must be a ${type}`)
        .join('; ')}`,
      left,
      next: 'correct these outputs in the root and run this job again',
    });
  }
  return {
    autoscalingGroupName: outputs.autoscaling_group_name as string,
    launchTemplateId: outputs.launch_template_id as string,
    launchTemplateVersion: Number(outputs.launch_template_version),
    targetGroupArns: outputs.target_group_arns as string[],
    url: outputs.url as string,
    repositoryUrl: outputs.repository_url as string,
    alarmNames: outputs.alarm_names as string[],
    all: outputs,
  };
}
