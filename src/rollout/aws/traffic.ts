import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import {
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type Latency,
  latencyPercentiles,
  type LatencyPercentile,
  type Traffic,
  type TrafficMinute,
} from '../model/index.ts';

/**
 * What target groups were asked, from the metrics that Elastic Load Balancing publishes each minute by target group:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */

interface Clients {
  loadBalancing: ElasticLoadBalancingV2Client;
  cloudWatch: CloudWatchClient;
}

interface Read {
  targetGroupArn: string;
  /** What the query's values are of. */
  what: 'requests' | 'failedAnswers' | 'failedConnections' | LatencyPercentile;
}

const minute = 60_000;
/** How far ahead is asked: more than any rollout is watched in one go. */
const ahead = 2 * 24 * 60 * minute;

/** Reads the load balancers of the target groups, then every metric of them in one call, or more where there are pages. */
export async function readTraffic(
  { loadBalancing, cloudWatch }: Clients,
  targetGroupArns: readonly string[],
  since: Date,
): Promise<TrafficMinute[]> {
  const { TargetGroups = [] } = await loadBalancing.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [...targetGroupArns] }),
  );
  const metrics = TargetGroups.flatMap(({ TargetGroupArn = '', LoadBalancerArns: [balancer] = [] }) =>
    // A target group that no load balancer forwards to has no metrics.
    balancer === undefined ? [] : queriesOf(TargetGroupArn, balancer),
  );
  if (metrics.length === 0) return [];
  const start = Math.ceil(since.getTime() / minute) * minute;
  const request = {
    MetricDataQueries: metrics.map(({ query }, index) => ({ ...query, Id: `q${index}` })),
    StartTime: new Date(start),
    EndTime: new Date(start + ahead),
    ScanBy: 'TimestampAscending' as const,
  };
  const results: MetricDataResult[] = [];
  let token: string | undefined;
  do {
    const answer = await cloudWatch.send(new GetMetricDataCommand({ ...request, NextToken: token }));
    results.push(...(answer.MetricDataResults ?? []));
    token = answer.NextToken;
  } while (token);
  requireComplete(results);
  return completeMinutes(targetGroupArns, valuesBy(results, metrics));
}

/**
 * Each query has a status of its own, on each page (CloudWatch API, MetricDataResult): the errors that could not be read
 * are not none.
 */
function requireComplete(results: readonly MetricDataResult[]): void {
  const last = new Map(results.map((result) => [result.Id, result]));
  const failed = [...last.values()].find(({ StatusCode }) => StatusCode !== 'Complete');
  if (failed === undefined) return;
  const said = (failed.Messages ?? []).map(({ Code, Value }) => ` ${Code ?? ''} ${Value ?? ''}`);
  throw new Error(`CloudWatch did not answer a query: ${failed.StatusCode ?? 'no status'}${said.join(';')}`);
}

/** `loadbalancer/app/name/id` is app/name/id as a dimension, and a target group is targetgroup/name/id. */
function queriesOf(targetGroupArn: string, loadBalancerArn: string): (Read & { query: MetricDataQuery })[] {
  const Dimensions = [
    { Name: 'LoadBalancer', Value: loadBalancerArn.split(':loadbalancer/')[1] ?? '' },
    { Name: 'TargetGroup', Value: targetGroupArn.split(':').at(-1) ?? '' },
  ];
  const read = (what: Read['what'], MetricName: string, Stat: string) => ({
    targetGroupArn,
    what,
    query: {
      Id: '',
      MetricStat: { Metric: { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions }, Period: 60, Stat },
    },
  });
  return [
    read('requests', 'RequestCount', 'Sum'),
    read('failedAnswers', 'HTTPCode_Target_5XX_Count', 'Sum'),
    read('failedConnections', 'TargetConnectionErrorCount', 'Sum'),
    ...latencyPercentiles.map((percentile) => read(percentile, 'TargetResponseTime', `p${percentile}`)),
  ];
}

/** Values by the beginning of their minute, then by target group. */
type Values = Map<number, Map<string, Map<Read['what'], number>>>;

function valuesBy(results: readonly MetricDataResult[], reads: readonly Read[]): Values {
  const values: Values = new Map();
  for (const { Id = '', Timestamps = [], Values: numbers = [] } of results) {
    const read = reads[Number(Id.slice(1))];
    if (read === undefined) continue;
    for (const [index, time] of Timestamps.entries()) {
      const groups = entry(values, time.getTime(), () => new Map<string, Map<Read['what'], number>>());
      const of = entry(groups, read.targetGroupArn, () => new Map<Read['what'], number>());
      of.set(read.what, numbers[index] ?? 0);
    }
  }
  return values;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/**
 * The minutes from the first to the last but one that anything was published for. The newest may still be filling, or be
 * published for one target group and not yet for the other; a minute behind which there is another one is complete, and
 * what it lacks did not happen.
 */
function completeMinutes(targetGroupArns: readonly string[], values: Values): TrafficMinute[] {
  const published = [...values.keys()].sort((left, right) => left - right);
  const complete = published.flatMap((time, index) => minutesUntil(time, published[index + 1]));
  return complete.map((time) => {
    const groups = targetGroupArns.map((arn) => [arn, trafficOf(values.get(time)?.get(arn))] as const);
    return { start: new Date(time), byTargetGroup: Object.fromEntries(groups) };
  });
}

/** A minute, and those behind it for which nothing was published; none where nothing came after it. */
function minutesUntil(time: number, next = time): number[] {
  const count = Math.ceil((next - time) / minute);
  return Array.from({ length: count }, (_, index) => time + index * minute);
}

function trafficOf(of: ReadonlyMap<Read['what'], number> = new Map()): Traffic {
  const percentiles = latencyPercentiles.map((percentile) => [percentile, of.get(percentile)] as const);
  const measured = percentiles.every(([, seconds]) => seconds !== undefined);
  return {
    requests: of.get('requests') ?? 0,
    errors: (of.get('failedAnswers') ?? 0) + (of.get('failedConnections') ?? 0),
    latency: measured ? (Object.fromEntries(percentiles) as Latency) : undefined,
  };
}
