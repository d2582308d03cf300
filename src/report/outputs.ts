import type { DeployError } from '../core/index.ts';
import { textsIn } from '../core/index.ts';
import type { Mask } from './masked.ts';
import type { RunRecord } from './record.ts';
import { outcomeOf } from './record.ts';

/**
 * Every output of action.yml; "" for what the run did not come to know. Set on every path, failure included.
 * @param withheld names of outputs of the Terraform root that are left out
 */
export function outputsOf(
  record: RunRecord,
  failure: DeployError | undefined,
  now: number,
  withheld: readonly string[] = [],
): Record<string, string> {
  const { image, rollout, outputs, plan } = record;
  return {
    status: outcomeOf(record, failure),
    'failure-reason': failure?.reason ?? '',
    url: outputs?.url ?? '',
    image: image?.reference ?? '',
    'image-digest': image?.digest ?? '',
    'template-version': text(rollout?.templateVersion ?? outputs?.launchTemplateVersion),
    'previous-template-version': text(rollout?.previousTemplateVersion),
    'instance-refresh-id': rollout?.instanceRefreshId ?? '',
    'duration-seconds': text(Math.round((now - record.started) / 1000)),
    'plan-summary':
      plan === undefined ? '' : JSON.stringify({ add: plan.add, change: plan.change, destroy: plan.destroy }),
    'terraform-outputs': outputs === undefined ? '' : JSON.stringify(without(outputs.all, withheld)),
    running: record.running === undefined ? '' : JSON.stringify(record.running),
  };
}

/** Outputs of the Terraform root that hold a secret, although they are not sensitive: none is shown in part. Pure. */
export function withheldOutputs({ outputs }: RunRecord, mask: Mask): string[] {
  return Object.entries(outputs?.all ?? {}).flatMap(([name, value]) =>
    textsIn(value).some((each) => mask(each) !== each) ? [name] : [],
  );
}

/** Characters that GitHub takes of a job's outputs, which it counts in two bytes each; less those of other outputs. */
const longestOutputs = 450_000;

/** Outputs of the Terraform root without which the rest is short enough, the largest first. Pure. */
export function oversizedOutputs({ outputs }: RunRecord, withheld: readonly string[] = []): string[] {
  const kept = Object.entries(without(outputs?.all ?? {}, withheld))
    .map(([name, value]) => ({ name, size: JSON.stringify({ [name]: value }).length }))
    .sort((one, other) => other.size - one.size);
  let excess = kept.reduce((sum, { size }) => sum + size, 0) - longestOutputs;
  return kept.flatMap(({ name, size }) => {
    if (excess <= 0) return [];
    excess -= size;
    return [name];
  });
}

function without(values: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

function text(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}
