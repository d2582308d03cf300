import { AutoScalingClient, DescribeInstanceRefreshesCommand } from '@aws-sdk/client-auto-scaling';
import type { AwsAccess } from '../aws/index.ts';
import type { TerraformOutputs } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import type { GroupObservation, RefreshObservation, TargetObservation } from '../rollout/index.ts';
import { awsRolloutApi, refreshOf } from '../rollout/index.ts';
import type { Run } from '../run/index.ts';
import { readState } from './state.ts';
import type { TemplateVersion } from './versions.ts';
import { readVersions } from './versions.ts';

/** One environment of an application as AWS has it now. */
export interface Environment {
  outputs: TerraformOutputs;
  group: GroupObservation;
  /** Newest first: as far back as AWS remembers, at most a hundred. */
  refreshes: RefreshObservation[];
  targets: TargetObservation[];
  /** Newest first. */
  versions: TemplateVersion[];
}

/**
 * Looks at an environment and changes nothing. No Terraform runs: the contract comes from the state.
 *
 * @returns undefined when nothing was deployed here
 * @throws DeployError `group-missing` when the state names a group that is not there
 */
export async function readEnvironment(run: Run): Promise<Environment | undefined> {
  const outputs = await readState(run);
  if (outputs === undefined) return undefined;
  const api = awsRolloutApi(run.aws);
  const group = await api.group(outputs.autoscalingGroupName);
  if (group === undefined) throw groupMissing(outputs.autoscalingGroupName, run.aws.region);
  const [refreshes, targets, versions] = await Promise.all([
    readRefreshes(run.aws, group.name),
    api.targets(group.targetGroupArns),
    readVersions(run.aws, outputs),
  ]);
  return { outputs, group, refreshes, targets, versions };
}

async function readRefreshes(access: AwsAccess, group: string): Promise<RefreshObservation[]> {
  const client = new AutoScalingClient(access.clientConfiguration);
  try {
    const answer = await client.send(
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: 100 }),
    );
    return (answer.InstanceRefreshes ?? []).map(refreshOf);
  } finally {
    client.destroy();
  }
}

function groupMissing(name: string, region: string): DeployError {
  return new DeployError({
    reason: 'group-missing',
    message: `the Terraform state names the Auto Scaling group ${name}, and there is none in ${region}, or it is being deleted`,
    left: 'Nothing was touched.',
    next: 'deploy: Terraform makes it again',
  });
}
