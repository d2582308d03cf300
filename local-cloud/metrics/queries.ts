/** Metric data queries: a metric's statistic, or an expression over other queries. */
import { evaluateExpression } from './expression.ts';
import type { Dimensions, Metric, MetricSource, Series, Window } from './store.ts';

/** As GetMetricData and alarms have it; numbers are texts in the query protocol. */
export interface Query {
  Id?: string;
  Expression?: string;
  MetricStat?: {
    Metric?: { Namespace?: string; MetricName?: string; Dimensions?: { Name?: string; Value?: string }[] };
    Period?: number | string;
    Stat?: string;
  };
  Label?: string;
  Period?: number | string;
  ReturnData?: boolean | string;
}

/** Dimensions from the API's list. */
export function dimensionsOf(list: { Name?: string; Value?: string }[] | undefined): Dimensions {
  return Object.fromEntries((list ?? []).map(({ Name = '', Value = '' }) => [Name, Value]));
}

/** What a query asks of a metric; undefined for an expression. */
export function metricOf({ MetricStat }: Query): Metric | undefined {
  const metric = MetricStat?.Metric;
  if (metric === undefined) return undefined;
  const { Namespace = '', MetricName = '', Dimensions } = metric;
  return { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
}

/** The period of a query in seconds: its own, or for an expression the longest of the metrics beside it. */
export function periodOf(query: Query, all: readonly Query[]): number {
  const own = Number(query.MetricStat?.Period ?? query.Period ?? 0);
  return own > 0 ? own : Math.max(60, ...all.map(({ MetricStat }) => Number(MetricStat?.Period ?? 0)));
}

/** The beginnings of a window's periods, oldest first. */
export function timesOf({ start, end, period }: Window): number[] {
  const times: number[] = [];
  for (let at = Math.floor(start / period) * period; at < end; at += period) times.push(at);
  return times;
}

/**
 * The values of one query.
 * @throws ExpressionError when an expression can't be evaluated
 */
export function seriesOf(source: MetricSource, query: Query, all: readonly Query[], window: Window): Series {
  const metric = metricOf(query);
  if (metric !== undefined) return source.series(metric, window, query.MetricStat?.Stat ?? 'Average');
  return evaluateExpression(query.Expression ?? '', {
    times: timesOf(window),
    series: (id) => {
      const other = all.find((candidate) => candidate.Id === id && candidate !== query);
      return (
        other &&
        seriesOf(
          source,
          other,
          all.filter((candidate) => candidate !== query),
          window,
        )
      );
    },
  });
}
