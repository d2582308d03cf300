/** Metric alarms that are evaluated: at the end of every minute, from what was published. */
import {
  type Comparison,
  type Datapoint,
  type Decision,
  evaluateAlarm,
  EXTRA_PERIODS,
  isLowSample,
  type Judgement,
  type MissingData,
} from './evaluation.ts';
import { dimensionsOf, type Query, seriesOf, timesOf } from './queries.ts';
import { type MetricStore, type Series, type Window } from './store.ts';
import { sampleCount } from './statistics.ts';

/** An alarm as DescribeAlarms has it. */
export interface MetricAlarm {
  AlarmName?: string;
  StateValue?: string;
  StateReason?: string;
  StateUpdatedTimestamp?: Date;
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name?: string; Value?: string }[];
  Statistic?: string;
  ExtendedStatistic?: string;
  Period?: number;
  EvaluationPeriods?: number;
  DatapointsToAlarm?: number;
  Threshold?: number;
  ComparisonOperator?: string;
  TreatMissingData?: string;
  EvaluateLowSampleCountPercentile?: string;
  Metrics?: Query[];
}

/** Where alarms are kept. */
export interface AlarmBook {
  list(): Promise<MetricAlarm[]>;
  setState(name: string, decision: Decision, data: string): Promise<void>;
}

/** The alarm's own metric as a query, or its queries. */
function queriesOf(alarm: MetricAlarm): { queries: Query[]; result: Query | undefined; statistic: string } {
  const queries = alarm.Metrics ?? [];
  if (queries.length > 0) {
    const result = queries.find(({ ReturnData }) => ReturnData === true) ?? queries[0];
    return { queries, result, statistic: result?.MetricStat?.Stat ?? '' };
  }
  const statistic = alarm.ExtendedStatistic ?? alarm.Statistic ?? 'Average';
  const { Namespace, MetricName, Dimensions, Period } = alarm;
  const metric = { Namespace, MetricName, Dimensions };
  const own: Query = { Id: 'm1', MetricStat: { Metric: metric, Period, Stat: statistic }, ReturnData: true };
  return { queries: [own], result: own, statistic };
}

function judgementOf(alarm: MetricAlarm): Judgement {
  const evaluationPeriods = alarm.EvaluationPeriods ?? 1;
  return {
    evaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? evaluationPeriods,
    threshold: alarm.Threshold ?? 0,
    comparison: (alarm.ComparisonOperator ?? 'GreaterThanThreshold') as Comparison,
    missing: (alarm.TreatMissingData ?? 'missing') as MissingData,
  };
}

const periodSeconds = ({ result, queries }: ReturnType<typeof queriesOf>): number =>
  Number(result?.MetricStat?.Period ?? 0) ||
  Math.max(1, ...queries.map(({ MetricStat, Period }) => Number(MetricStat?.Period ?? Period ?? 0)));

function newestFirst(series: Series, window: Window): Datapoint[] {
  return timesOf(window)
    .reverse()
    .map((at) => ({ at, value: series.get(at) }));
}

/** StateReasonData, with the fields that CloudWatch fills. */
function reasonData(alarm: MetricAlarm, statistic: string, points: Datapoint[], now: number): string {
  const recent = points.slice(0, alarm.EvaluationPeriods ?? 1).filter(({ value }) => value !== undefined);
  const stamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');
  return JSON.stringify({
    ...{ version: '1.0', queryDate: stamp(now), startDate: stamp(recent.at(-1)?.at ?? now) },
    ...(statistic !== '' && { statistic }),
    period: alarm.Period ?? alarm.Metrics?.[0]?.MetricStat?.Period,
    recentDatapoints: recent.map(({ value }) => value).reverse(),
    threshold: alarm.Threshold,
    evaluatedDatapoints: recent.map(({ at, value }) => ({ timestamp: stamp(at), value })),
  });
}

/**
 * What an alarm's metrics say now; undefined: its state stays.
 * @param minute milliseconds that a minute of CloudWatch lasts
 */
export function judge(
  alarm: MetricAlarm,
  store: MetricStore,
  { now, minute }: { now: number; minute: number },
): { decision: Decision; data: string } | undefined {
  const asked = queriesOf(alarm);
  const { queries, result, statistic } = asked;
  if (result === undefined) return undefined;
  const judgement = judgementOf(alarm);
  const period = (periodSeconds(asked) / 60) * minute;
  const end = Math.floor(now / period) * period;
  const start = end - (judgement.evaluationPeriods + EXTRA_PERIODS) * period;
  const window = { start, end, period };
  if (alarm.EvaluateLowSampleCountPercentile === 'ignore' && alarm.MetricName !== undefined) {
    const { Namespace = '', MetricName, Dimensions } = alarm;
    const metric = { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
    const newest = [...store.samples(metric, window)].sort(([left], [right]) => right - left)[0]?.[1];
    if (newest !== undefined && isLowSample(statistic, sampleCount(newest))) return undefined;
  }
  const points = newestFirst(seriesOf(store, result, queries, window), window);
  const decision = evaluateAlarm(judgement, points);
  return decision && { decision, data: reasonData(alarm, statistic, points, now) };
}

/** The part of a minute after which a new alarm is judged (AWS does so within a minute). */
const SOON = 1 / 12;

export interface AlarmsOptions {
  store: MetricStore;
  book: AlarmBook;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Milliseconds that a minute of CloudWatch lasts. */
  minute: number;
  log: (line: string) => void;
}

/** All alarms of the account. */
export class AlarmEvaluation {
  readonly #options: AlarmsOptions;
  #alarms: MetricAlarm[] = [];
  /** When an alarm that was never judged is judged first. */
  readonly #first = new Map<string, number>();
  #minute: number;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#minute = this.#current();
  }

  #current(): number {
    return Math.floor(this.#options.now() / this.#options.minute);
  }

  /** To be called when an alarm was made, changed, deleted, or set by hand. */
  async reload(): Promise<void> {
    const known = new Set(this.#alarms.map(({ AlarmName }) => AlarmName));
    this.#alarms = await this.#options.book.list();
    const { now, minute } = this.#options;
    for (const { AlarmName = '' } of this.#alarms)
      if (!known.has(AlarmName)) this.#first.set(AlarmName, now() + minute * SOON);
  }

  /** Evaluates every alarm when a minute has ended since the last time; a new one sooner. */
  async step(): Promise<void> {
    const current = this.#current();
    const ended = current !== this.#minute;
    this.#minute = current;
    const { store, now } = this.#options;
    if (ended) store.prune(now());
    const isDue = ({ AlarmName = '' }: MetricAlarm): boolean =>
      ended || (this.#first.get(AlarmName) ?? Infinity) <= now();
    for (const alarm of this.#alarms.filter(isDue)) {
      this.#first.delete(alarm.AlarmName ?? '');
      await this.#evaluate(alarm);
    }
  }

  async #evaluate(alarm: MetricAlarm): Promise<void> {
    const { store, book, now, minute, log } = this.#options;
    const { AlarmName = '' } = alarm;
    try {
      const judged = judge(alarm, store, { now: now(), minute });
      if (judged === undefined || judged.decision.state === alarm.StateValue) return;
      await book.setState(AlarmName, judged.decision, judged.data);
      alarm.StateValue = judged.decision.state;
    } catch (error) {
      log(`alarm ${AlarmName}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
