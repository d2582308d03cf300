/** What the console page at the gateway's address shows: the state of the cloud in one answer, read by its own API. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ApiCall, CallRecord, ConsoleControl } from '../gateway/index.ts';
import type { AlarmBook } from '../metrics/index.ts';
import type { Cloud } from './options.ts';

const PAGE = fileURLToPath(new URL('console.html', import.meta.url));

/** The latest calls, and refreshes of each group, that are shown. */
const most = { calls: 60, refreshes: 5 };

type Fields = Record<string, unknown>;

/** What the page asks. @param cloud undefined during a reset */
export interface ConsoleSources {
  cloud: () => Cloud | undefined;
  alarms: () => AlarmBook | undefined;
  calls: () => readonly CallRecord[];
  region: string;
  accountId: string;
}

/** The page, its state, and the boot log of an instance. */
export function createConsole(sources: ConsoleSources): ConsoleControl {
  const ask = (service: string, operation: string, parameters: Fields = {}): Promise<Fields> =>
    askOwn(sources, { service, operation, parameters });
  return {
    page: () => readFileSync(PAGE, 'utf8'),
    async state() {
      const { AutoScalingGroups: groups = [] } = (await ask('autoscaling', 'DescribeAutoScalingGroups')) as {
        AutoScalingGroups?: Fields[];
      };
      const calls = sources.calls().slice(-most.calls).toReversed();
      return {
        ready: sources.cloud() !== undefined,
        groups: await Promise.all(groups.map((group) => groupState(group, ask))),
        alarms: await alarmStates(sources),
        calls,
      };
    },
    async bootLog(instance) {
      const { output = '' } = (await ask('ec2', 'GetConsoleOutput', { InstanceId: instance })) as {
        output?: string;
      };
      return Buffer.from(output, 'base64').toString();
    },
  };
}

/** By the operation itself: neither signed nor recorded, and no policy is asked. */
async function askOwn(
  { cloud, region, accountId }: ConsoleSources,
  { service, operation, parameters }: Pick<ApiCall, 'service' | 'operation' | 'parameters'>,
): Promise<Fields> {
  const run = cloud()?.services[service]?.operations[operation];
  if (run === undefined) return {};
  return (await run({ service, operation, parameters, region, accountId, requestId: 'console' })) as Fields;
}

type Ask = (service: string, operation: string, parameters?: Fields) => Promise<Fields>;

async function groupState(group: Fields, ask: Ask): Promise<Fields> {
  const { AutoScalingGroupName: name, Instances: instances, TargetGroupARNs: arns = [] } = group;
  const targets = await Promise.all(
    (arns as string[]).map(async (arn) => ({
      arn,
      // A target group may be gone while its group still names it.
      health: await ask('elasticloadbalancing', 'DescribeTargetHealth', { TargetGroupArn: arn })
        .then(({ TargetHealthDescriptions: found }) => found)
        .catch(() => []),
    })),
  );
  const { InstanceRefreshes: refreshes = [] } = await ask('autoscaling', 'DescribeInstanceRefreshes', {
    AutoScalingGroupName: name,
  });
  return {
    ...{ name, instances, targets, refreshes: (refreshes as Fields[]).slice(0, most.refreshes) },
    desired: group.DesiredCapacity,
    template: group.LaunchTemplate,
  };
}

async function alarmStates({ alarms }: ConsoleSources): Promise<Fields[]> {
  const all =
    (await alarms()
      ?.list()
      .catch(() => [])) ?? [];
  return all.map(({ AlarmName, StateValue }) => ({ name: AlarmName, state: StateValue }));
}
