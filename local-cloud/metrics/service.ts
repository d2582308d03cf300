/** The part of CloudWatch's API that is about data; alarms and dashboards themselves are the emulator's. */
import { ApiError, type ApiCall, type Service } from '../gateway/index.ts';
import { ExpressionError } from './expression.ts';
import { Published, type Publishing } from './published.ts';
import { dimensionsOf, metricOf, periodOf, type Query, seriesOf } from './queries.ts';
import { isStatistic, statisticOf } from './statistics.ts';
import type { Metric, MetricSource, MetricStore, Window } from './store.ts';

type Structure = Record<string, unknown>;

const invalid = (code: string, message: string): ApiError => new ApiError(code, message);

function textOf(of: Structure, name: string): string {
  const value = of[name];
  if (typeof value !== 'string' || value === '')
    throw invalid('MissingParameter', `The parameter ${name} is required.`);
  return value;
}

/** ISO 8601 in the query protocol, seconds in JSON, a Date in CBOR. Milliseconds. */
function timeOf(value: unknown, name: string): number {
  const time =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'number'
        ? value * 1000
        : typeof value === 'string'
          ? Date.parse(value)
          : NaN;
  if (!Number.isFinite(time)) throw invalid('MissingParameter', `The parameter ${name} is required.`);
  return time;
}

const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

/** A period of 1, 5, 10, 20, 30 seconds or a multiple of 60, which lasts as many minutes of CloudWatch. */
function checkedPeriod(seconds: number, { minute }: Publishing): number {
  if ([1, 5, 10, 20, 30].includes(seconds)) return seconds * 1000;
  if (seconds >= 60 && seconds % 60 === 0) return (seconds / 60) * minute;
  throw invalid('ValidationError', 'Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
}

function windowOf(parameters: Structure, period: number): Window {
  const start = Math.floor(timeOf(parameters.StartTime, 'StartTime') / period) * period;
  const end = timeOf(parameters.EndTime, 'EndTime');
  if (start >= end)
    throw invalid('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
  return { start, end, period };
}

function checkQuery(query: Query): void {
  if (!/^[a-z][a-zA-Z0-9_]*$/.test(query.Id ?? ''))
    throw invalid(
      'ValidationError',
      `The value ${query.Id ?? ''} for parameter Id is not matching the expected pattern.`,
    );
  if ((query.Expression === undefined) === (query.MetricStat === undefined))
    throw invalid('ValidationError', `The query ${query.Id ?? ''} needs either MetricStat or Expression.`);
  const { Stat } = query.MetricStat ?? {};
  if (query.MetricStat !== undefined && !isStatistic(Stat ?? ''))
    throw invalid('ValidationError', `The value ${Stat ?? ''} for parameter Stat is not supported.`);
}

function getMetricData(source: MetricSource, { parameters }: ApiCall, publishing: Publishing): object {
  const queries = listOf<Query>(parameters.MetricDataQueries);
  if (queries.length === 0) throw invalid('ValidationError', 'At least one query must be specified.');
  queries.forEach(checkQuery);
  const wanted = queries.filter(({ ReturnData }) => String(ReturnData ?? true) === 'true');
  const ascending = parameters.ScanBy === 'TimestampAscending';
  const MetricDataResults = wanted.map((query) => {
    const window = windowOf(parameters, checkedPeriod(periodOf(query, queries), publishing));
    const series = [...dataOf(source, query, queries, window)].sort(([left], [right]) => left - right);
    if (!ascending) series.reverse();
    return {
      Id: query.Id,
      Label: query.Label ?? metricOf(query)?.name ?? query.Id,
      Timestamps: series.map(([at]) => new Date(at)),
      Values: series.map(([, value]) => value),
      StatusCode: 'Complete',
    };
  });
  return { MetricDataResults, Messages: [] };
}

function dataOf(source: MetricSource, query: Query, all: Query[], window: Window): Map<number, number> {
  try {
    return seriesOf(source, query, all, window);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw invalid('ValidationError', `Error in expression '${query.Id ?? ''}': ${error.message}.`);
  }
}

function metricFrom(parameters: Structure): Metric {
  return {
    namespace: textOf(parameters, 'Namespace'),
    name: textOf(parameters, 'MetricName'),
    dimensions: dimensionsOf(listOf(parameters.Dimensions)),
  };
}

function getMetricStatistics(source: MetricSource, { parameters }: ApiCall, publishing: Publishing): object {
  const metric = metricFrom(parameters);
  const window = windowOf(parameters, checkedPeriod(Number(parameters.Period), publishing));
  const statistics = listOf<string>(parameters.Statistics);
  const extended = listOf<string>(parameters.ExtendedStatistics);
  if (statistics.length + extended.length === 0)
    throw invalid('InvalidParameterCombination', 'Must specify either Statistics or ExtendedStatistics');
  for (const name of [...statistics, ...extended])
    if (!isStatistic(name)) throw invalid('InvalidParameterValue', `The statistic ${name} is not supported.`);
  const Datapoints = [...source.samples(metric, window)].map(([at, samples]) => ({
    Timestamp: new Date(at),
    ...Object.fromEntries(statistics.map((name) => [name, statisticOf(samples, name)])),
    ...(extended.length > 0 && {
      ExtendedStatistics: Object.fromEntries(extended.map((name) => [name, statisticOf(samples, name)])),
    }),
  }));
  return { Label: metric.name, Datapoints };
}

function listMetrics(store: MetricStore, { parameters }: ApiCall): object {
  const wanted = listOf<{ Name?: string; Value?: string }>(parameters.Dimensions);
  const { Namespace, MetricName } = parameters;
  const found = store
    .list()
    .filter(
      ({ namespace, name, dimensions }) =>
        (Namespace ?? namespace) === namespace &&
        (MetricName ?? name) === name &&
        wanted.every(
          ({ Name = '', Value }) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name],
        ),
    );
  return {
    Metrics: found.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
  };
}

interface Datum extends Structure {
  Dimensions?: { Name?: string; Value?: string }[];
  Values?: unknown[];
  Counts?: unknown[];
}

function putMetricData(store: MetricStore, { parameters }: ApiCall, now: number): object {
  const namespace = textOf(parameters, 'Namespace');
  if (namespace.startsWith('AWS/'))
    throw invalid('InvalidParameterValue', 'The value AWS/ for parameter Namespace is invalid.');
  const data = listOf<Datum>(parameters.MetricData);
  if (data.length === 0) throw invalid('MissingParameter', 'The parameter MetricData is required.');
  for (const datum of data) {
    const metric = {
      namespace,
      name: textOf(datum, 'MetricName'),
      dimensions: dimensionsOf(datum.Dimensions),
    };
    const at = datum.Timestamp === undefined ? now : timeOf(datum.Timestamp, 'Timestamp');
    const values = datum.Values ?? (datum.Value === undefined ? undefined : [datum.Value]);
    if (values === undefined)
      throw invalid('InvalidParameterCombination', `The metric ${metric.name} needs Value or Values.`);
    values.forEach((value, index) =>
      store.record(metric, at, Number(value), Number(datum.Counts?.[index] ?? 1)),
    );
  }
  return {};
}

/**
 * GetMetricData, GetMetricStatistics, ListMetrics and PutMetricData. Statistic sets are not taken.
 * Errors: ValidationError, MissingParameter, InvalidParameterValue, InvalidParameterCombination.
 * @param publishing how long a minute lasts, and when what AWS's services publish can be asked for
 */
export function createMetricService(store: MetricStore, publishing: Publishing): Service {
  const source = new Published(store, publishing);
  return {
    protocol: 'query',
    namespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    operations: {
      GetMetricData: (call) => getMetricData(source, call, publishing),
      GetMetricStatistics: (call) => getMetricStatistics(source, call, publishing),
      ListMetrics: (call) => listMetrics(store, call),
      PutMetricData: (call) => putMetricData(store, call, publishing.now()),
    },
  };
}
