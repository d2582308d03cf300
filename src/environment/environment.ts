import { AutoScalingClient, DescribeInstanceRefreshesCommand } from '@aws-sdk/client-auto-scaling';
import type { AwsAccess } from '../aws/index.ts';
import type { BlueGreenOutputs, TerraformOutputs } from '../core/index.ts';
import { DeployError } from '../core/index.ts';
import type {
  Fleets,
  GroupObservation,
  RefreshObservation,
  TargetObservation,
  TrafficMinute,
} from '../rollout/index.ts';
import { awsRolloutApi, isMixture, readFleets, refreshOf } from '../rollout/index.ts';
import type { Run } from '../run/index.ts';
import { readState } from './state.ts';
import { stateOfGroup } from './unfinished.ts';
import type { TemplateVersion } from './versions.ts';
import { readVersions } from './versions.ts';

/** One environment of an application as AWS has it now. */
export interface Environment {
  outputs: TerraformOutputs;
  /** Of two groups the one that serves, or is left. */
  group: GroupObservation;
  /** Both groups and their weights, where there are two. */
  fleets?: Fleets;
  /** The last minutes of both, or of a group that waits for a person, as far as they can be read. */
  traffic?: TrafficMinute[];
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
  if (outputs.blueGreen !== undefined)
    return readTwoGroups(run, api, { ...outputs, blueGreen: outputs.blueGreen });
  const group = await api.group(outputs.autoscalingGroupName);
  if (group === undefined) throw groupMissing(outputs.autoscalingGroupName, run.aws.region);
  const [refreshes, targets, versions] = await Promise.all([
    readRefreshes(run.aws, group.name),
    api.targets(group.targetGroupArns),
    readVersions(run.aws, outputs),
  ]);
  // A person decides by them.
  const traffic = isMixture(stateOfGroup({ group, refreshes }))
    ? await readRequests(run, api, group.targetGroupArns)
    : [];
  return { outputs, group, refreshes, targets, versions, traffic };
}

/** Seconds of requests that are looked back on. */
const lookBack = 900;

async function readTwoGroups(
  run: Run,
  api: ReturnType<typeof awsRolloutApi>,
  outputs: TerraformOutputs & { blueGreen: BlueGreenOutputs },
): Promise<Environment> {
  const { blueGreen } = outputs;
  const arns = blueGreen.groups.map(({ targetGroupArn }) => targetGroupArn);
  const fleets = await readFleets(api, blueGreen);
  const { kind, from, to } = fleets.state;
  const { group } = kind === 'baking' ? to : from;
  const [refreshes, versions, traffic] = await Promise.all([
    readRefreshes(run.aws, group.name),
    readVersions(run.aws, outputs),
    readRequests(run, api, arns),
  ]);
  return { outputs, group, fleets, traffic, refreshes, targets: fleets.targets, versions };
}

async function readRequests(
  run: Run,
  api: ReturnType<typeof awsRolloutApi>,
  targetGroupArns: readonly string[],
): Promise<TrafficMinute[]> {
  if (targetGroupArns.length === 0) return [];
  try {
    return await api.traffic(targetGroupArns, new Date(Date.now() - lookBack * 1000));
  } catch (error) {
    run.log.debug(`metrics of the target groups: ${String(error)}`);
    return [];
  }
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
