import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createMetrics, type Metrics, type Sources } from '../../../local-cloud/cloud/metrics.ts';
import type { AssemblyOptions } from '../../../local-cloud/cloud/options.ts';
import type { Served } from '../../../local-cloud/load-balancer/index.ts';
import { configuration, targetGroup } from '../helpers/load-balancer.ts';

const balancer =
  'arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/shop/0123456789abcdef';
const group = 'arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop/fedcba9876543210';
const LoadBalancer = 'app/shop/0123456789abcdef';
const TargetGroup = 'targetgroup/shop/fedcba9876543210';
const start = Date.UTC(2026, 10, 27, 19);

let now = start;
let metrics: Metrics;

beforeEach(() => {
  now = start;
  const clients = { cloudWatch: new CloudWatchClient({ region: 'eu-north-1' }) };
  const options = {
    clients,
    metricMinute: 60,
    metricDelay: 0,
    log: () => undefined,
  } as unknown as AssemblyOptions;
  metrics = createMetrics(
    options,
    () => now,
    (id) => (id === 'i-b' ? 'eu-north-1b' : 'eu-north-1a'),
  );
});

const call = (operation: string, parameters: Record<string, unknown>): unknown =>
  metrics.service.operations[operation]?.({
    ...{ service: 'monitoring', operation, parameters, requestId: 'request' },
    ...{ region: 'eu-north-1', accountId: '123456789012' },
  });

/** Metrics that have any sample, with their statistic; of the load balancer or of its target group. */
function published(dimensions: Record<string, string>, Stat = 'Sum'): Record<string, number> {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const { Metrics: all } = call('ListMetrics', { Namespace: 'AWS/ApplicationELB' }) as {
    Metrics: { MetricName: string; Dimensions: object[] }[];
  };
  const named = all.filter((metric) => JSON.stringify(metric.Dimensions) === JSON.stringify(Dimensions));
  return Object.fromEntries(
    named.map(({ MetricName }) => {
      const { Datapoints } = call('GetMetricStatistics', {
        ...{ Namespace: 'AWS/ApplicationELB', MetricName, Dimensions, Period: '60', Statistics: [Stat] },
        ...{ StartTime: new Date(start).toISOString(), EndTime: new Date(start + 60_000).toISOString() },
      }) as { Datapoints: Record<string, number>[] };
      return [MetricName, Datapoints[0]?.[Stat] ?? NaN];
    }),
  );
}

function percentiles(dimensions: Record<string, string>): Record<string, number> | undefined {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const { Datapoints } = call('GetMetricStatistics', {
    ...{ Namespace: 'AWS/ApplicationELB', MetricName: 'TargetResponseTime', Dimensions, Period: '60' },
    ...{ StartTime: new Date(start).toISOString(), EndTime: new Date(start + 60_000).toISOString() },
    ExtendedStatistics: ['p50', 'p90', 'p95', 'p99'],
  }) as { Datapoints: { ExtendedStatistics: Record<string, number> }[] };
  return Datapoints[0]?.ExtendedStatistics;
}

const target = { group, instanceId: 'i-a', of: 2 };

describe('what a load balancer publishes of a request', () => {
  it.each<[string, Served, Record<string, number>, Record<string, number>]>([
    [
      'that a target answers',
      { status: 200, by: 'target', seconds: 0.25, target },
      { RequestCount: 1, HTTPCode_Target_2XX_Count: 1, TargetResponseTime: 0.25 },
      { RequestCount: 1, HTTPCode_Target_2XX_Count: 1, TargetResponseTime: 0.25, RequestCountPerTarget: 0.5 },
    ],
    [
      'that a target answers with an error',
      { status: 500, by: 'target', seconds: 1, target },
      { RequestCount: 1, HTTPCode_Target_5XX_Count: 1, TargetResponseTime: 1 },
      { RequestCount: 1, HTTPCode_Target_5XX_Count: 1, TargetResponseTime: 1, RequestCountPerTarget: 0.5 },
    ],
    [
      'to a target that can not be reached',
      { status: 502, by: 'balancer', unreachable: true, target },
      {
        RequestCount: 1,
        HTTPCode_ELB_5XX_Count: 1,
        HTTPCode_ELB_502_Count: 1,
        TargetConnectionErrorCount: 1,
      },
      { RequestCount: 1, TargetConnectionErrorCount: 1, RequestCountPerTarget: 0.5 },
    ],
    [
      'that no target could be chosen for',
      { status: 503, by: 'balancer' },
      { HTTPCode_ELB_5XX_Count: 1, HTTPCode_ELB_503_Count: 1 },
      {},
    ],
  ])('%s', (_, request, ofBalancer, ofGroup) => {
    metrics.served(balancer, request);
    expect(published({ LoadBalancer })).toEqual(ofBalancer);
    expect(published({ LoadBalancer, TargetGroup })).toEqual(ofGroup);
  });

  it('by zone too', () => {
    metrics.served(balancer, { status: 302, by: 'target', target: { group, instanceId: 'i-b', of: 2 } });
    expect(published({ LoadBalancer, AvailabilityZone: 'eu-north-1b' })).toEqual({
      ...{ RequestCount: 1, HTTPCode_Target_3XX_Count: 1 },
    });
    expect(published({ LoadBalancer, AvailabilityZone: 'eu-north-1a' })).toEqual({});
  });
});

describe('what a load balancer publishes of many requests that ended alike', () => {
  const times = 40;
  const at = start + 30_000;

  it('is what it publishes of each', () => {
    const latencies = new Map([
      [0.1, 36],
      [2, 4],
    ]);
    const chosen = { group, zone: 'eu-north-1b', of: 4 };
    metrics.answered({
      ...{ loadBalancerArn: balancer, at, times, latencies, status: 200, by: 'target', target: chosen },
    });
    metrics.answered({ loadBalancerArn: balancer, at, times: 5, status: 503, by: 'balancer' });
    const where = { LoadBalancer, TargetGroup };
    expect(published(where)).toMatchObject({
      ...{ RequestCount: 40, HTTPCode_Target_2XX_Count: 40, RequestCountPerTarget: 10 },
    });
    expect(published({ ...where, AvailabilityZone: 'eu-north-1b' })).toMatchObject({ RequestCount: 40 });
    expect(published({ LoadBalancer })).toMatchObject({ RequestCount: 40, HTTPCode_ELB_503_Count: 5 });
    expect(percentiles(where)).toEqual({ p50: 0.1, p90: 0.1, p95: 2, p99: 2 });
  });
});

describe('what a load balancer publishes of its targets', () => {
  const sources = (health: { instanceId: string; state: string }[]): Sources => {
    const current = configuration([targetGroup({ arn: group })]);
    return {
      configuration: () => ({
        ...current,
        loadBalancers: current.loadBalancers.map((each) => ({ ...each, arn: balancer })),
      }),
      health: () => health,
      groups: () => new Map(),
    };
  };

  it('counts the healthy ones, and no request of none', async () => {
    await metrics.step(
      sources([
        { instanceId: 'i-a', state: 'healthy' },
        { instanceId: 'i-b', state: 'initial' },
        { instanceId: 'i-c', state: 'draining' },
      ]),
    );
    expect(published({ LoadBalancer, TargetGroup }, 'Maximum')).toEqual({
      ...{ RequestCount: 0, HealthyHostCount: 1, UnHealthyHostCount: 1 },
    });
    expect(published({ LoadBalancer, TargetGroup, AvailabilityZone: 'eu-north-1b' }, 'Maximum')).toEqual({
      ...{ HealthyHostCount: 0, UnHealthyHostCount: 1 },
    });
  });

  it('is nothing where there are no targets', async () => {
    await metrics.step(sources([]));
    expect(published({ LoadBalancer, TargetGroup })).toEqual({});
    expect(published({ LoadBalancer })).toEqual({});
  });
});
