import { describe, expect, it } from '@jest/globals';
import type { ApiCall } from '../../../local-cloud/gateway/index.ts';
import { createMetricService } from '../../../local-cloud/metrics/service.ts';
import { MetricStore } from '../../../local-cloud/metrics/store.ts';

const start = Date.UTC(2026, 0, 1);
const SECOND = 1000;

/** Five in each of the first minutes, one of them on its last second. */
function asked(
  namespace: string,
  { now, minute = 60, delay = 0 }: { now: number; minute?: number; delay?: number },
): [seconds: number, sum: number][] {
  const store = new MetricStore();
  for (let second = 0; second < 240; second += 12)
    store.record({ namespace, name: 'RequestCount', dimensions: {} }, start + (second + 11) * SECOND, 1);
  const service = createMetricService(store, {
    ...{ now: () => start + now * SECOND, minute: minute * SECOND, delay: delay * SECOND },
  });
  const parameters = {
    ...{ StartTime: new Date(start), EndTime: new Date(start + 3600 * SECOND), ScanBy: 'TimestampAscending' },
    MetricDataQueries: [
      {
        Id: 'm',
        MetricStat: { Metric: { Namespace: namespace, MetricName: 'RequestCount' }, Period: 60, Stat: 'Sum' },
      },
    ],
  };
  const { MetricDataResults } = service.operations.GetMetricData?.({ parameters } as unknown as ApiCall) as {
    MetricDataResults: { Timestamps: Date[]; Values: number[] }[];
  };
  const [{ Timestamps, Values } = { Timestamps: [], Values: [] }] = MetricDataResults;
  return Timestamps.map((at, index) => [(at.getTime() - start) / SECOND, Values[index] ?? NaN]);
}

const ALB = 'AWS/ApplicationELB';

describe('data of a minute', () => {
  it.each<[string, string, Parameters<typeof asked>[1], number[]]>([
    ['is there at once without a delay', ALB, { now: 0 }, [0, 60, 120, 180]],
    ['is not there just before the delay is over', ALB, { now: 149, delay: 90 }, []],
    ['is there whole when it is', ALB, { now: 150, delay: 90 }, [0]],
    ['comes minute by minute', ALB, { now: 270, delay: 90 }, [0, 60, 120]],
    ['is there at once when somebody put it', 'Shop', { now: 150, delay: 90 }, [0, 60, 120, 180]],
    ['lasts as long as a minute of the cloud', ALB, { now: 150, minute: 120, delay: 30 }, [0]],
  ])('%s', (_, namespace, when, minutes) => {
    expect(asked(namespace, when).map(([at]) => at)).toEqual(minutes);
  });

  it('is never there in part', () => {
    expect(asked(ALB, { now: 150, delay: 90 })).toEqual([[0, 5]]);
    expect(asked(ALB, { now: 150, minute: 120, delay: 30 })).toEqual([[0, 10]]);
  });

  it('is what a period of 60 s has, when minutes are shorter', () => {
    expect(asked(ALB, { now: 300, minute: 24 }).slice(0, 3)).toEqual([
      [0, 2],
      [24, 2],
      [48, 2],
    ]);
  });
});
