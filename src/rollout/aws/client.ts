import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  GetConsoleOutputCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsAccess } from '../../aws/index.ts';
import { isAwsError } from '../../core/index.ts';
import { readImage, readOutlook } from '../../image/index.ts';
import type {
  ActivityObservation,
  AlarmObservation,
  TargetGroupObservation,
  TemplateObservation,
} from '../model/index.ts';
import type { RolloutApi } from './api.ts';
import { activityOf, groupOf, refreshOf, targetGroupOf, targetOf, templateOf } from './convert.ts';
import { readTraffic } from './traffic.ts';
import { twoGroups } from './two-groups.ts';
import { vcpus } from './vcpus.ts';

/** Pages of 100 activities read at most in one go, newest first: what goes wrong keeps going wrong, however large the group. */
const maxActivityPages = 3;

interface Clients {
  autoScaling: AutoScalingClient;
  loadBalancing: ElasticLoadBalancingV2Client;
  cloudWatch: CloudWatchClient;
  ec2: EC2Client;
}

function openClients(access: AwsAccess): Clients {
  const configuration = access.clientConfiguration;
  return {
    autoScaling: new AutoScalingClient(configuration),
    loadBalancing: new ElasticLoadBalancingV2Client(configuration),
    cloudWatch: new CloudWatchClient(configuration),
    ec2: new EC2Client(configuration),
  };
}

/** The rollout's view of AWS through the SDK. Errors are the SDK's own; who calls decides what they mean. */
export function awsRolloutApi(access: AwsAccess): RolloutApi {
  let clients = openClients(access);
  const current = (): Clients => clients;
  return {
    ...autoScalingReads(current),
    ...autoScalingActions(current),
    ...otherReads(current),
    ...twoGroups(current),
    ...vcpus(access, () => clients.ec2),
    imageState: async (reference) => (await readImage({ aws: access }, reference)).state,
    async imageOutlook(reference) {
      const outlook = await readOutlook({ aws: access }, reference, new Date());
      return outlook && { rule: outlook.rule.says, left: outlook.left };
    },
    renewCredentials() {
      const { autoScaling, loadBalancing, cloudWatch, ec2 } = clients;
      for (const client of [autoScaling, loadBalancing, cloudWatch, ec2]) client.destroy();
      access.forgetCredentials();
      clients = openClients(access);
    },
  };
}

function autoScalingReads(
  clients: () => Clients,
): Pick<RolloutApi, 'group' | 'refresh' | 'refreshes' | 'activities' | 'recentActivities' | 'hooks'> {
  return {
    async group(name) {
      const answer = await clients().autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
      );
      const group = answer.AutoScalingGroups?.find((candidate) => candidate.AutoScalingGroupName === name);
      // A group that is being deleted takes no refresh and will be gone.
      return group === undefined || group.Status !== undefined ? undefined : groupOf(group);
    },
    async refresh(group, id) {
      const answer = await clients().autoScaling.send(
        new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, InstanceRefreshIds: [id] }),
      );
      return answer.InstanceRefreshes?.map(refreshOf).find((refresh) => refresh.id === id);
    },
    async refreshes(group) {
      const answer = await clients().autoScaling.send(
        new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: 20 }),
      );
      return (answer.InstanceRefreshes ?? []).map(refreshOf);
    },
    activities: (group, since, known) => readActivities(clients(), group, { since, known }),
    async recentActivities(group) {
      const answer = await clients().autoScaling.send(
        new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 100 }),
      );
      return (answer.Activities ?? []).map(activityOf);
    },
    async hooks(group) {
      const answer = await clients().autoScaling.send(
        new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }),
      );
      return (answer.LifecycleHooks ?? []).map((hook) => ({
        name: hook.LifecycleHookName ?? '',
        transition: hook.LifecycleTransition ?? '',
        heartbeatTimeout: hook.HeartbeatTimeout ?? 3600,
        defaultResult: hook.DefaultResult ?? 'ABANDON',
      }));
    },
  };
}

async function readActivities(
  clients: Clients,
  group: string,
  { since, known }: { since: Date | undefined; known: ReadonlySet<string> | undefined },
): Promise<ActivityObservation[]> {
  const found: ActivityObservation[] = [];
  let token: string | undefined;
  for (let page = 0; page < maxActivityPages; page += 1) {
    const answer = await clients.autoScaling.send(
      new DescribeScalingActivitiesCommand({
        AutoScalingGroupName: group,
        MaxRecords: 100,
        ...(since && { Filters: [{ Name: 'StartTimeLowerBound', Values: [since.toISOString()] }] }),
        ...(token && { NextToken: token }),
      }),
    );
    const activities = (answer.Activities ?? []).map(activityOf);
    // The filter may be unknown to what answers, so the bound is applied here too.
    found.push(...activities.filter((activity) => since === undefined || activity.startTime >= since));
    token = answer.NextToken;
    const reachedKnown = activities.some((activity) => known?.has(activity.id));
    const reachedBound = since !== undefined && activities.some((activity) => activity.startTime < since);
    if (!token || reachedKnown || reachedBound) break;
  }
  return found;
}

function autoScalingActions(clients: () => Clients): Pick<RolloutApi, 'start' | 'cancel' | 'rollBack'> {
  return {
    async start({ group, desiredConfiguration, preferences }) {
      const answer = await clients().autoScaling.send(
        new StartInstanceRefreshCommand({
          AutoScalingGroupName: group,
          Strategy: 'Rolling',
          DesiredConfiguration: desiredConfiguration,
          Preferences: preferences,
        }),
      );
      return answer.InstanceRefreshId ?? '';
    },
    async cancel(group) {
      await clients().autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: group }));
    },
    async rollBack(group) {
      await clients().autoScaling.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName: group }));
    },
  };
}

function otherReads(
  clients: () => Clients,
): Pick<RolloutApi, 'targets' | 'targetGroups' | 'traffic' | 'alarms' | 'console' | 'templateVersion'> {
  return {
    async targets(arns) {
      const answers = await Promise.all(
        arns.map(async (arn) => {
          const answer = await clients().loadBalancing.send(
            new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
          );
          return (answer.TargetHealthDescriptions ?? []).map((target) => targetOf(arn, target));
        }),
      );
      return answers.flat();
    },
    targetGroups: (arns) => readTargetGroups(clients(), arns),
    traffic: (arns, since) => readTraffic(clients(), arns, since),
    alarms: (names) => readAlarms(clients(), names),
    async console(instanceId) {
      const answer = await clients().ec2.send(
        new GetConsoleOutputCommand({ InstanceId: instanceId, Latest: true }),
      );
      return Buffer.from(answer.Output ?? '', 'base64').toString('utf8');
    },
    templateVersion: (templateId, version) => readTemplateVersion(clients(), templateId, version),
  };
}

async function readTemplateVersion(
  { ec2 }: Clients,
  templateId: string,
  version: number,
): Promise<TemplateObservation | undefined> {
  try {
    const { LaunchTemplateVersions: [found] = [] } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: templateId,
        Versions: [String(version)],
      }),
    );
    return found && templateOf(found);
  } catch (error) {
    if (isAwsError(error, 'InvalidLaunchTemplateId.VersionNotFound')) return undefined;
    throw error;
  }
}

async function readTargetGroups(clients: Clients, arns: string[]): Promise<TargetGroupObservation[]> {
  if (arns.length === 0) return [];
  const [groups, attributes] = await Promise.all([
    clients.loadBalancing.send(new DescribeTargetGroupsCommand({ TargetGroupArns: arns })),
    Promise.all(
      arns.map(async (arn) => {
        const answer = await clients.loadBalancing.send(
          new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }),
        );
        return [arn, answer.Attributes ?? []] as const;
      }),
    ),
  ]);
  const attributesOf = new Map(attributes);
  return (groups.TargetGroups ?? []).map((group) =>
    targetGroupOf(group, attributesOf.get(group.TargetGroupArn ?? '') ?? []),
  );
}

async function readAlarms(clients: Clients, names: string[]): Promise<AlarmObservation[]> {
  if (names.length === 0) return [];
  const answer = await clients.cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: names,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: 100,
    }),
  );
  return [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])].map((alarm) => ({
    name: alarm.AlarmName ?? '',
    state: alarm.StateValue ?? '',
    reason: alarm.StateReason ?? '',
  }));
}
