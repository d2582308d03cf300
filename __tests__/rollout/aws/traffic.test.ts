import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'node:http';
import {
  CallLog,
  Faults,
  type Gateway,
  type Service,
  startGateway,
} from '../../../local-cloud/gateway/index.ts';
import { createMetricService, MetricStore } from '../../../local-cloud/metrics/index.ts';
import { readTraffic } from '../../../src/rollout/aws/traffic.ts';
import type { Traffic } from '../../../src/rollout/model/index.ts';

/** What the load balancer published, read through AWS's clients from the metrics of the local cloud. */

const prefix = 'arn:aws:elasticloadbalancing:eu-north-1:123456789012';
const balancer = `${prefix}:loadbalancer/app/shop-prod/50dc6c495c0c9188`;
const blue = `${prefix}:targetgroup/shop-prod/6d0ecf831eec9f09`;
const green = `${prefix}:targetgroup/shop-prod-green/73e2d6bc24d8a067`;
const start = Date.parse('2026-11-27T12:00:00Z');

let store = new MetricStore();
let balancers: Record<string, string[]> = {};
let pageSize = Infinity;
/** The status of a query's results on their page, by its Id. */
let statusOf: (id: string) => string = () => 'Complete';
let gateway: Gateway;
let clients: Parameters<typeof readTraffic>[0];
const calls = new CallLog();

interface Minute {
  requests: number;
  failed?: number;
  unreachable?: number;
  /** Seconds of each answer. */
  seconds?: number[];
}

function publish(
  targetGroup: string,
  minute: number,
  { requests, failed, unreachable, seconds }: Minute,
): void {
  const dimensions = {
    LoadBalancer: 'app/shop-prod/50dc6c495c0c9188',
    TargetGroup: targetGroup.split(':').at(-1) ?? '',
  };
  const record = (name: string, value: number, times: number | undefined) => {
    // The last second of the minute.
    const at = start + minute * 60_000 + 59_000;
    if (times) store.record({ namespace: 'AWS/ApplicationELB', name, dimensions }, at, value, times);
  };
  record('RequestCount', 1, requests);
  record('HTTPCode_Target_5XX_Count', 1, failed);
  record('TargetConnectionErrorCount', 1, unreachable);
  for (const value of seconds ?? []) record('TargetResponseTime', value, 1);
}

const nothing: Traffic = { requests: 0, errors: 0, latency: undefined };

async function read(since = new Date(start)): Promise<{ minute: number; blue: Traffic; green: Traffic }[]> {
  const minutes = await readTraffic(clients, [blue, green], since);
  return minutes.map(({ start: at, byTargetGroup }) => ({
    minute: (at.getTime() - start) / 60_000,
    blue: byTargetGroup[blue] ?? nothing,
    green: byTargetGroup[green] ?? nothing,
  }));
}

beforeAll(async () => {
  const loadBalancing: Service = {
    protocol: 'query',
    namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    operations: {
      DescribeTargetGroups: ({ parameters }) => ({
        TargetGroups: (parameters.TargetGroupArns as string[]).map((arn) => ({
          TargetGroupArn: arn,
          LoadBalancerArns: balancers[arn] ?? [],
        })),
      }),
    },
  };
  // Each test has a store of its own, and may ask for pages.
  const monitoring: Service = {
    ...createMetricService(store, { now: () => start, minute: 60_000, delay: 0 }),
    operations: {
      GetMetricData: async (call) => {
        const whole = await createMetricService(store, {
          now: () => start,
          minute: 60_000,
          delay: 0,
        }).operations.GetMetricData?.(call);
        const { MetricDataResults: all } = whole as { MetricDataResults: { Id: string }[] };
        const results = all.map((each) => ({ ...each, StatusCode: statusOf(each.Id) }));
        const from = Number(call.parameters.NextToken ?? 0);
        const to = from + pageSize;
        return {
          MetricDataResults: results.slice(from, to),
          ...(to < results.length && { NextToken: String(to) }),
        };
      },
    },
  };
  gateway = await startGateway({
    ...{ port: 0, region: 'eu-north-1', accountId: '123456789012' },
    upstream: { host: '127.0.0.1', port: 9, agent: new Agent() },
    routes: () => ({
      services: { elasticloadbalancing: loadBalancing, monitoring },
      filters: [],
    }),
    control: () => Promise.resolve({ status: 404, headers: {}, body: '' }),
    ...{ calls, faults: new Faults(), log: () => undefined },
  });
  const configuration = {
    region: 'eu-north-1',
    endpoint: `http://127.0.0.1:${gateway.port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local-cloud' },
  };
  clients = {
    loadBalancing: new ElasticLoadBalancingV2Client(configuration),
    cloudWatch: new CloudWatchClient(configuration),
  };
});

beforeEach(() => {
  store = new MetricStore();
  pageSize = Infinity;
  statusOf = () => 'Complete';
  balancers = { [blue]: [balancer], [green]: [balancer] };
});

afterAll(() => gateway.close());

describe('readTraffic', () => {
  it('tells requests, failed answers and connections, and the response times of each target group', async () => {
    const seconds = Array.from({ length: 100 }, (_, index) => (index + 1) / 100);
    publish(blue, 0, { requests: 100, failed: 1, seconds });
    publish(green, 0, { requests: 12, failed: 2, unreachable: 3, seconds: [2] });
    publish(blue, 1, { requests: 1 });
    expect(await read()).toEqual([
      {
        minute: 0,
        blue: { requests: 100, errors: 1, latency: expect.objectContaining({ 50: 0.5, 95: 0.95, 99: 0.99 }) },
        green: { requests: 12, errors: 5, latency: expect.objectContaining({ 50: 2, 99: 2 }) },
      },
    ]);
  });

  it('waits with a minute until there is another one, for either target group', async () => {
    publish(blue, 0, { requests: 100 });
    expect(await read()).toEqual([]);
    publish(green, 1, { requests: 1 });
    expect(await read()).toEqual([{ minute: 0, blue: { ...nothing, requests: 100 }, green: nothing }]);
  });

  it('has a minute in which nobody asked anything', async () => {
    publish(blue, 0, { requests: 1 });
    publish(blue, 3, { requests: 2 });
    expect((await read()).map(({ minute, blue: { requests } }) => [minute, requests])).toEqual([
      [0, 1],
      [1, 0],
      [2, 0],
    ]);
  });

  it('gives full minutes only: the first one begins at that time or after it', async () => {
    for (const minute of [0, 1, 2, 3]) publish(blue, minute, { requests: 10 });
    const from = async (seconds: number) =>
      (await read(new Date(start + seconds * 1000))).map(({ minute }) => minute);
    expect(await from(60)).toEqual([1, 2]);
    expect(await from(60.001)).toEqual([2]);
    expect(await from(119)).toEqual([2]);
  });

  it('has nothing to tell where nothing was published', async () => {
    expect(await read()).toEqual([]);
  });

  it('asks once for both target groups, and knows one that no load balancer forwards to', async () => {
    publish(blue, 0, { requests: 100 });
    publish(blue, 1, { requests: 100 });
    balancers = { [blue]: [balancer] };
    calls.clear();
    expect(await read()).toEqual([{ minute: 0, blue: { ...nothing, requests: 100 }, green: nothing }]);
    expect(calls.list().map(({ operation }) => operation)).toEqual(['DescribeTargetGroups', 'GetMetricData']);
  });

  it('puts the pages of an answer together', async () => {
    pageSize = 5;
    publish(blue, 0, { requests: 100, seconds: [1, 2] });
    publish(green, 0, { requests: 7, failed: 1 });
    publish(green, 1, { requests: 7 });
    expect(await read()).toEqual([
      {
        minute: 0,
        blue: { requests: 100, errors: 0, latency: expect.objectContaining({ 50: 1, 99: 2 }) },
        green: { requests: 7, errors: 1, latency: undefined },
      },
    ]);
  });

  it.each(['InternalError', 'Forbidden', 'PartialData'])(
    'does not take a query that ends with %s for one without values',
    async (status) => {
      publish(green, 0, { requests: 100, failed: 50 });
      publish(green, 1, { requests: 100 });
      // The failed answers of the second target group.
      statusOf = (id) => (id === 'q15' ? status : 'Complete');
      await expect(read()).rejects.toThrow(`CloudWatch did not answer a query: ${status}`);
    },
  );
});
