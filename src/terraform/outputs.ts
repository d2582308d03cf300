import type { Log } from '../core/index.ts';
import { textsIn } from '../core/index.ts';
import { isMarked, type PlanDocument } from './plan-document.ts';
import { outputForms } from './output-forms.ts';

/** Outputs as `terraform output -json` prints them, and a plan and a state file hold them. */
export type Outputs = Record<string, Output>;

export interface Output {
  /** Left out where a plan does not know it yet, and where it is sensitive. */
  value?: unknown;
  sensitive?: boolean;
}

/** What `terraform output -json` wrote; undefined for what are no outputs. Pure. */
export function parseOutputs(text: string): Outputs | undefined {
  try {
    const outputs: unknown = JSON.parse(text);
    const isMap = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap(outputs) && Object.values(outputs as object).every(isMap) ? (outputs as Outputs) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The same outputs without the values of those that are sensitive, which the log hides from here on. The contract's are
 * public names, and so is every other that is not sensitive, as a whole.
 */
export function protectOutputs(log: Pick<Log, 'secret' | 'publish'>, outputs: Outputs): Outputs {
  for (const [name, { sensitive, value }] of Object.entries(outputs)) {
    if (sensitive === true) continue;
    const names = textsIn(value).map((text, index) => [
      `output "${name}"${index === 0 ? '' : ` (${index + 1})`}`,
      text,
    ]);
    log.publish(Object.fromEntries(names) as Record<string, string>, name in outputForms);
  }
  for (const [name, { sensitive, value }] of Object.entries(outputs))
    if (sensitive === true) textsIn(value).forEach((text) => log.secret(text, `output "${name}"`));
  return withoutSecrets(outputs);
}

function withoutSecrets(outputs: Outputs): Outputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [
      name,
      output.sensitive === true ? { sensitive: true } : { value: output.value },
    ]),
  );
}

/**
 * The outputs that a saved plan leaves when it is applied, sensitive values left out; one that only the apply can tell has no value. Pure.
 * https://developer.hashicorp.com/terraform/internals/json-format#values-representation
 *
 */
export function outputsIn({ planned_values: planned }: PlanDocument): Outputs {
  return Object.fromEntries(
    Object.entries(planned?.outputs ?? {}).map(([name, output]) => [
      name,
      output.sensitive === true ? { sensitive: true } : 'value' in output ? { value: output.value } : {},
    ]),
  );
}

/**
 * Whether a root, when the plan is applied, gives both groups of blue/green. The ARNs of what is yet to be made are not
 * known then, but that they come is; undefined where only the apply can tell. Pure.
 */
export function plansBlueGreen({
  planned_values: planned,
  output_changes: changes,
}: PlanDocument): boolean | undefined {
  const { after, after_unknown: unknown } = changes?.blue_green ?? {};
  if (after !== undefined && after !== null) return true;
  if (isMarked(unknown)) return (unknown as unknown) === true ? undefined : true;
  return (planned?.outputs?.blue_green?.value ?? null) !== null;
}
