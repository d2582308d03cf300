import type { DeployError } from '../core/index.ts';
import type { RunRecord } from './record.ts';
import { outcomeOf } from './record.ts';

/** Every output of action.yml; "" for what the run did not come to know. Set on every path, failure included. */
export function outputsOf(
  record: RunRecord,
  failure: DeployError | undefined,
  now: number,
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
    'terraform-outputs': outputs === undefined ? '' : JSON.stringify(outputs.all),
    running: record.running === undefined ? '' : JSON.stringify(record.running),
  };
}

function text(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}
