/** CloudWatch's data and the alarms over it, as AWS's clients see them. */
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { EnableMetricsCollectionCommand } from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { python, startTestCloud, type TestCloud } from '../helpers/test-cloud.ts';

const suite = python === undefined ? describe.skip : describe;

let cloud: TestCloud;
let cloudWatch: CloudWatchClient;
let cbor: CloudWatchClient;
let now = 0;

/** The clock of the cloud, in minutes that have ended. */
async function advance(seconds: number): Promise<void> {
  await cloud.advance(seconds);
  now += seconds * 1000;
}

const put = (name: string, value: number, client = cloudWatch) =>
  client.send(
    new PutMetricDataCommand({
      Namespace: 'Shop',
      MetricData: [{ MetricName: name, Value: value, Timestamp: new Date(now) }],
    }),
  );

async function alarm(AlarmName: string, more: Partial<PutMetricAlarmCommandInput> = {}): Promise<void> {
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName, Namespace: 'Shop', MetricName: AlarmName, Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 2, Threshold: 5, ComparisonOperator: 'GreaterThanThreshold' },
      ...more,
    }),
  );
}

async function stateOf(name: string): Promise<[string | undefined, string | undefined]> {
  const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return [MetricAlarms?.[0]?.StateValue, MetricAlarms?.[0]?.StateReason];
}

suite('CloudWatch', () => {
  beforeAll(async () => {
    cloud = await startTestCloud();
    now = Date.now();
    cloudWatch = new CloudWatchClient(cloud.client);
    cbor = new CloudWatchClient({ ...cloud.client, protocol: SmithyRpcV2CborProtocol });
  });

  afterAll(async () => {
    cloudWatch.destroy();
    cbor.destroy();
    await cloud.close();
  });

  it.each([
    ['JSON', () => cloudWatch],
    ['CBOR', () => cbor],
  ])('gives back what was put, in %s', async (protocol, client) => {
    const sent = [3, 5].map((value) => put(`seen-${protocol}`, value, client()));
    await Promise.all(sent);
    const StartTime = new Date(now - 120_000);
    const EndTime = new Date(now + 120_000);
    const metric = { Namespace: 'Shop', MetricName: `seen-${protocol}` };
    const statistics = await client().send(
      new GetMetricStatisticsCommand({
        ...{
          ...metric,
          StartTime,
          EndTime,
          Period: 60,
          Statistics: ['Sum', 'Average', 'Maximum', 'SampleCount'],
        },
      }),
    );
    expect(statistics.Datapoints).toEqual([
      expect.objectContaining({
        Sum: 8,
        Average: 4,
        Maximum: 5,
        SampleCount: 2,
        Timestamp: expect.any(Date),
      }),
    ]);
    const data = await client().send(
      new GetMetricDataCommand({
        ...{ StartTime, EndTime },
        MetricDataQueries: [
          { Id: 'twice', Expression: '2 * m' },
          { Id: 'm', MetricStat: { Metric: metric, Period: 60, Stat: 'p50' }, ReturnData: false },
        ],
      }),
    );
    expect(data.MetricDataResults).toMatchObject([{ Id: 'twice', Values: [6], StatusCode: 'Complete' }]);
    const { Metrics } = await client().send(
      new ListMetricsCommand({ Namespace: 'Shop', MetricName: metric.MetricName }),
    );
    expect(Metrics).toEqual([{ ...metric, Dimensions: [] }]);
    const nonsense = new GetMetricDataCommand({
      ...{ StartTime, EndTime },
      MetricDataQueries: [{ Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(m, 2)' }],
    });
    await expect(client().send(nonsense)).rejects.toMatchObject({
      name: expect.stringMatching(/^Validation/),
      message: expect.stringContaining('ANOMALY_DETECTION_BAND'),
    });
  });

  it('evaluates an alarm by itself, from no data to ALARM and back', async () => {
    await alarm('errors');
    expect(await stateOf('errors')).toEqual(['INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation']);
    for (let minute = 0; minute < 3; minute += 1) {
      await put('errors', 9);
      await advance(60);
    }
    const [state, reason] = await stateOf('errors');
    expect(state).toBe('ALARM');
    expect(reason).toMatch(
      /^Threshold Crossed: 2 out of the last 2 datapoints \[9\.0 .* were greater than the threshold/,
    );
    for (let minute = 0; minute < 3; minute += 1) {
      await put('errors', 1);
      await advance(60);
    }
    expect((await stateOf('errors'))[0]).toBe('OK');
    await advance(600);
    expect((await stateOf('errors'))[0]).toBe('INSUFFICIENT_DATA');
  });

  it('takes a state that was set by hand for no longer than until the next evaluation', async () => {
    const byHand = async (AlarmName: string): Promise<void> => {
      await cloudWatch.send(
        new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }),
      );
    };
    await alarm('quiet', { TreatMissingData: 'notBreaching' });
    await alarm('held', { TreatMissingData: 'ignore' });
    for (const name of ['quiet', 'held']) await byHand(name);
    expect(await stateOf('quiet')).toEqual(['ALARM', 'a test']);
    await advance(60);
    expect((await stateOf('quiet'))[0]).toBe('OK');
    expect((await stateOf('held'))[0]).toBe('ALARM');
  });

  it("publishes a group's metrics once they are collected", async () => {
    const autoScaling = new AutoScalingClient(cloud.client);
    const ec2 = new EC2Client(cloud.client);
    try {
      const LaunchTemplateData = { ImageId: 'ami-1', InstanceType: 't3.micro' as const };
      await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'shop', LaunchTemplateData }));
      const AutoScalingGroupName = 'shop';
      await autoScaling.send(
        new CreateAutoScalingGroupCommand({
          ...{ AutoScalingGroupName, MinSize: 0, MaxSize: 3, DesiredCapacity: 3 },
          ...{
            AvailabilityZones: ['eu-north-1a'],
            LaunchTemplate: { LaunchTemplateName: 'shop', Version: '1' },
          },
        }),
      );
      const Metrics = ['GroupInServiceInstances'];
      await autoScaling.send(
        new EnableMetricsCollectionCommand({ AutoScalingGroupName, Metrics, Granularity: '1Minute' }),
      );
      await advance(180);
      const { Metrics: found } = await cloudWatch.send(
        new ListMetricsCommand({ Namespace: 'AWS/AutoScaling' }),
      );
      const Dimensions = [{ Name: 'AutoScalingGroupName', Value: 'shop' }];
      expect(found).toEqual([
        { Namespace: 'AWS/AutoScaling', MetricName: 'GroupInServiceInstances', Dimensions },
      ]);
      const { Datapoints } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          ...{ Namespace: 'AWS/AutoScaling', MetricName: 'GroupInServiceInstances', Dimensions, Period: 60 },
          ...{ StartTime: new Date(now - 120_000), EndTime: new Date(now), Statistics: ['Minimum'] },
        }),
      );
      expect(Datapoints?.map(({ Minimum }) => Minimum)).toContain(3);
    } finally {
      autoScaling.destroy();
      ec2.destroy();
    }
  });
});
