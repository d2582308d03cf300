/** What the console page at the gateway's address shows: the state of the cloud in one answer, read by its own API. */
import { readFileSync } from 'node:fs';
import type { ApiCall, CallRecord, ConsoleControl, PageFile } from '../gateway/index.ts';
import type { Action, Condition, Configuration } from '../load-balancer/index.ts';
import type { AlarmBook, MetricAlarm } from '../metrics/index.ts';
import type { Cloud } from './options.ts';

/** A file of the page, read whenever it is asked for: whoever works on it sees it at once. */
const read =
  (file: string, type: PageFile['type']): (() => PageFile) =>
  () => ({ type, text: readFileSync(new URL(`page/${file}`, import.meta.url), 'utf8') });

const files = {
  '/': read('page.html', 'text/html'),
  '/page.css': read('page.css', 'text/css'),
  '/page.js': read('page.js', 'text/javascript'),
  '/draw.js': read('draw.js', 'text/javascript'),
  '/tree.js': read('tree.js', 'text/javascript'),
};

/** The latest calls, those that were refused, and refreshes of each group, that are shown. */
const most = { calls: 60, refused: 30, refreshes: 5 };

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
    files,
    async state() {
      const { AutoScalingGroups: groups = [] } = (await ask('autoscaling', 'DescribeAutoScalingGroups')) as {
        AutoScalingGroups?: Fields[];
      };
      const calls = sources.calls();
      return {
        ready: sources.cloud() !== undefined,
        groups: await Promise.all(groups.map((group) => groupState(group, ask))),
        balancers: balancerStates(sources.cloud(), groups),
        alarms: await alarmStates(sources),
        calls: calls.slice(-most.calls).toReversed(),
        refused: calls
          .filter(({ status }) => status >= 400)
          .slice(-most.refused)
          .toReversed(),
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

const targetGroupsOf = (group: Fields): string[] => (group.TargetGroupARNs ?? []) as string[];

async function groupState(group: Fields, ask: Ask): Promise<Fields> {
  const { AutoScalingGroupName: name, Instances: instances } = group;
  const targets = await Promise.all(
    targetGroupsOf(group).map(async (arn) => ({
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

/** Load balancers with their rules as the API has them now; requests meet changed ones a little later. */
function balancerStates(cloud: Cloud | undefined, groups: Fields[]): Fields[] {
  const { loadBalancers, targetGroups }: Configuration = cloud?.balancing.configuration() ?? {
    loadBalancers: [],
    targetGroups: [],
  };
  const addresses = cloud?.balancing.addresses() ?? [];
  const target = ({ arn, weight }: { arn: string; weight: number }): Fields => ({
    name: targetGroups.find((group) => group.arn === arn)?.name ?? arn,
    groups: groups
      .filter((group) => targetGroupsOf(group).includes(arn))
      .map(({ AutoScalingGroupName }) => AutoScalingGroupName),
    weight,
  });
  return loadBalancers.map(({ name, listeners }) => ({
    name,
    addresses: addresses
      .filter(({ loadBalancer }) => loadBalancer === name)
      .map(({ address }) => `http://${address}`),
    rules: listeners.flatMap(({ port, rules }) =>
      [...rules]
        .sort((left, right) => left.priority - right.priority)
        .map(({ priority, conditions, action }) => ({
          port,
          priority: priority === Infinity ? 'default' : priority,
          conditions: conditions.map(inWords),
          ...(action.type === 'forward'
            ? { to: action.targetGroups.map(target) }
            : { says: answerInWords(action) }),
        })),
    ),
  }));
}

const inWords = ({ field, header, values }: Condition): string =>
  `${header ?? field}: ${values.join(' or ')}`;

function answerInWords(action: Exclude<Action, { type: 'forward' }>): string {
  if (action.type === 'fixed-response') return `a fixed answer, ${action.status}`;
  const { status, protocol, host, port, path } = action;
  return `redirected, ${status}, to ${protocol}://${host}:${port}${path}`;
}

async function alarmStates({ alarms }: ConsoleSources): Promise<Fields[]> {
  const all =
    (await alarms()
      ?.list()
      .catch(() => [])) ?? [];
  return all.map((alarm) => ({
    name: alarm.AlarmName,
    state: alarm.StateValue,
    since: alarm.StateUpdatedTimestamp?.getTime(),
    reason: alarm.StateReason ?? '',
    about: conditionInWords(alarm),
  }));
}

const comparisons: Record<string, string> = {
  GreaterThanOrEqualToThreshold: '≥',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '≤',
};

/** `Sum of HTTPCode_Target_5XX_Count > 5, in 2 of 3 × 60 s` */
function conditionInWords(alarm: MetricAlarm): string {
  const { MetricName, Statistic, ExtendedStatistic, Threshold = 0, EvaluationPeriods = 1 } = alarm;
  const metric =
    MetricName === undefined
      ? (alarm.Metrics?.find(({ ReturnData }) => ReturnData === true)?.Expression ?? 'an expression')
      : `${Statistic ?? ExtendedStatistic ?? ''} of ${MetricName}`;
  const times = `in ${alarm.DatapointsToAlarm ?? EvaluationPeriods} of ${EvaluationPeriods}`;
  const period = alarm.Period ?? alarm.Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period;
  const comparison = comparisons[alarm.ComparisonOperator ?? ''] ?? alarm.ComparisonOperator ?? '';
  return `${metric} ${comparison} ${Threshold}, ${times}${period === undefined ? '' : ` × ${period} s`}`;
}
