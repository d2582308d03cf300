import type { BlueGreenOutputs, ColouredGroup, TerraformOutputs } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import { outputForms } from './output-forms.ts';
import type { Output, Outputs } from './outputs.ts';

/** Variables that the action gives to a root, which it must declare. */
export const contractVariables = ['application', 'environment', 'region', 'image'] as const;

/**
 * Refuses outputs that are not the contract's: every one that is missing, sensitive or of another form, all at once. One
 * that a plan does not know yet is not judged.
 *
 * @param left what had been done when they were read, for the failure
 * @throws DeployError terraform-contract, with the value, what is right, and the line of Terraform for each
 */
export function requireContract(outputs: Outputs, left: string): void {
  const problems = Object.keys(outputForms).flatMap((name): Problem[] => {
    const wrong = problemOf(name, outputs[name]);
    return wrong === undefined ? [] : [{ name, wrong }];
  });
  if (problems.length > 0) throw contractBroken(problems, left);
}

/**
 * The outputs of a root, as the rollout needs them.
 *
 * @param outputs as Terraform or a state file gives them
 * @throws DeployError as `requireContract`
 */
export function readContract(outputs: Outputs, left: string): TerraformOutputs {
  requireContract(outputs, left);
  const all = Object.fromEntries(
    Object.entries(outputs).flatMap(([name, { value, sensitive }]) =>
      sensitive === true ? [] : [[name, value]],
    ),
  );
  return {
    autoscalingGroupName: all.autoscaling_group_name as string,
    launchTemplateId: all.launch_template_id as string,
    launchTemplateVersion: Number(all.launch_template_version),
    targetGroupArns: [...new Set(all.target_group_arns as string[])],
    url: all.url as string,
    repositoryUrl: all.repository_url as string,
    alarmNames: [...new Set(all.alarm_names as string[])],
    blueGreen: blueGreenIn(all.blue_green),
    all,
  };
}

/** The output as a root gives it, checked already. */
interface RootsBlueGreen {
  listener_rule_arn: string;
  preview_rule_arn: string;
  preview_header: string;
  groups: [RootsGroup, RootsGroup];
  capacity: { min: number; max: number };
}

interface RootsGroup {
  autoscaling_group_name: string;
  target_group_arn: string;
}

function blueGreenIn(value: unknown): BlueGreenOutputs | undefined {
  if (value === undefined || value === null) return undefined;
  const { listener_rule_arn, preview_rule_arn, preview_header, groups, capacity } = value as RootsBlueGreen;
  const group = (of: RootsGroup): ColouredGroup => ({
    autoscalingGroupName: of.autoscaling_group_name,
    targetGroupArn: of.target_group_arn,
  });
  return {
    listenerRuleArn: listener_rule_arn,
    previewRuleArn: preview_rule_arn,
    previewHeader: preview_header,
    groups: [group(groups[0]), group(groups[1])],
    capacity: { min: capacity.min, max: capacity.max },
  };
}

interface Problem {
  name: string;
  wrong: string;
}

/** Longer values are shown by their beginning. */
const shownValue = 200;

function problemOf(name: string, output: Output | undefined): string | undefined {
  const mayBeMissing = outputForms[name]?.optional === true;
  if (mayBeMissing && (output === undefined || ('value' in output && output.value === null)))
    return undefined;
  if (output === undefined) return 'is missing';
  if (output.sensitive === true) return 'is sensitive, and so neither read nor shown';
  if (!('value' in output)) return undefined;
  const wrong = outputForms[name]?.wrong(output.value);
  if (wrong === undefined) return undefined;
  if (output.value === null || output.value === undefined) return 'is null';
  return `is ${shown(name, output.value)}, ${wrong}`;
}

/** A password in an address is the one secret that a value of the contract may hold without being sensitive. */
function shown(name: string, value: unknown): string {
  const text = JSON.stringify(value);
  const safe = name === 'url' ? text.replace(/(:\/\/)\S*@/, '$1***@') : text;
  return safe.length > shownValue ? `${safe.slice(0, shownValue)}…` : safe;
}

function contractBroken(problems: readonly Problem[], left: string): DeployError {
  const [one] = problems;
  return new DeployError({
    reason: 'terraform-contract',
    message:
      problems.length === 1
        ? `the Terraform root does not give the output ${one?.name ?? ''} that the action needs: it ${one?.wrong ?? ''}`
        : `the Terraform root does not give ${problems.length} outputs that the action needs: ${problems.map(({ name, wrong }) => `${name} ${wrong}`).join('; ')}`,
    evidence: problems.map(({ name }) => ({
      label: name,
      text: `${outputForms[name]?.type ?? ''}\nfor example: ${outputForms[name]?.line ?? ''}`,
    })),
    left,
    next: `correct ${problems.length === 1 ? 'this output' : 'these outputs'} in the root and run this job again; "Your own Terraform" in the documentation shows all of them`,
  });
}
