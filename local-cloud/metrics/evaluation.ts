/**
 * What state an alarm is in, as a pure decision over datapoints. Rules: "Using Amazon CloudWatch alarms", "Configuring
 * how CloudWatch alarms treat missing data" and its two tables.
 */

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'notBreaching' | 'breaching' | 'ignore';
export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** How an alarm judges. */
export interface Judgement {
  threshold: number;
  comparison: Comparison;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  missing: MissingData;
}

/** The state, and the sentence that says why. `undefined`: it stays as it is. */
export interface Decision {
  state: AlarmState;
  reason: string;
}

/** One period, newest first: its value, or that there is none. */
export interface Datapoint {
  at: number;
  value: number | undefined;
}

/** How many periods are looked at beyond those that count: AWS does not publish it; its tables have two. */
export const EXTRA_PERIODS = 2;

export const COMPARISONS: Record<
  Comparison,
  { breaches: (value: number, threshold: number) => boolean; words: string }
> = {
  GreaterThanThreshold: { breaches: (value, threshold) => value > threshold, words: 'greater than' },
  GreaterThanOrEqualToThreshold: {
    breaches: (value, threshold) => value >= threshold,
    words: 'greater than or equal to',
  },
  LessThanThreshold: { breaches: (value, threshold) => value < threshold, words: 'less than' },
  LessThanOrEqualToThreshold: {
    breaches: (value, threshold) => value <= threshold,
    words: 'less than or equal to',
  },
};

interface RealDatapoint extends Datapoint {
  value: number;
  /** 1 is the newest period. */
  age: number;
  breaching: boolean;
}

const number = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** `27/11/26 19:05:00` */
function moment(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;

/** In the words of CloudWatch's StateReason. */
function reasonFor(judgement: Judgement, real: RealDatapoint[], alarm: boolean): string {
  const { comparison, threshold, evaluationPeriods, datapointsToAlarm } = judgement;
  const shown = real.slice(0, evaluationPeriods).filter(({ breaching }) => breaching === alarm);
  const values = shown.map(({ value, at }) => `${number(value)} (${moment(at)})`).join(', ');
  const were = shown.length === 1 ? 'was' : 'were';
  const compared = `${were} ${alarm ? '' : 'not '}${COMPARISONS[comparison].words} the threshold (${number(threshold)})`;
  const last = alarm
    ? `${shown.length} out of the last ${count(Math.max(evaluationPeriods, shown.length), 'datapoint')}`
    : count(shown.length, 'datapoint');
  const turn = alarm ? 'OK -> ALARM' : 'ALARM -> OK';
  const least = alarm ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1;
  return `Threshold Crossed: ${last} [${values}] ${compared} (minimum ${count(least, 'datapoint')} for ${turn} transition).`;
}

function treated(judgement: Judgement, missing: number, state: AlarmState): Decision {
  const as = judgement.missing === 'breaching' ? 'Breaching' : 'NonBreaching';
  return {
    state,
    reason:
      `Threshold Crossed: no datapoints were received for ${count(judgement.evaluationPeriods, 'period')} and ` +
      `${missing === 1 ? '1 missing datapoint was' : `${missing} missing datapoints were`} treated as [${as}].`,
  };
}

/** Nothing at all was seen. */
function withoutData(judgement: Judgement): Decision | undefined {
  const { missing, evaluationPeriods } = judgement;
  switch (missing) {
    case 'ignore':
      return undefined;
    case 'breaching':
      return treated(judgement, evaluationPeriods, 'ALARM');
    case 'notBreaching':
      return treated(judgement, evaluationPeriods, 'OK');
    case 'missing': {
      const unknown = evaluationPeriods === 1 ? '1 datapoint was' : `${evaluationPeriods} datapoints were`;
      return { state: 'INSUFFICIENT_DATA', reason: `Insufficient Data: ${unknown} unknown.` };
    }
  }
}

/**
 * Alarms err on the side of ALARM: breaches alone, the oldest of which is as old as the datapoints to alarm, are enough
 * where missing data is not judged.
 */
const isPremature = ({ datapointsToAlarm }: Judgement, counted: RealDatapoint[]): boolean =>
  counted.every(({ breaching }) => breaching) && (counted.at(-1)?.age ?? 0) >= datapointsToAlarm;

/**
 * Decides on the newest periods.
 * @param datapoints every period that is looked at, newest first: the evaluation periods and EXTRA_PERIODS more
 * @returns undefined when the state stays what it is
 */
export function evaluateAlarm(judgement: Judgement, datapoints: readonly Datapoint[]): Decision | undefined {
  const { threshold, comparison, evaluationPeriods, datapointsToAlarm, missing } = judgement;
  const real = datapoints.flatMap(({ at, value }, index): RealDatapoint[] =>
    value === undefined
      ? []
      : [{ at, value, age: index + 1, breaching: COMPARISONS[comparison].breaches(value, threshold) }],
  );
  if (real.length === 0) return withoutData(judgement);
  const counted = real.slice(0, evaluationPeriods);
  const filled = evaluationPeriods - counted.length;
  const breaching = counted.filter((datapoint) => datapoint.breaching).length;
  const decide = (state: 'OK' | 'ALARM'): Decision => ({
    state,
    reason: reasonFor(judgement, counted, state === 'ALARM'),
  });
  if (breaching >= datapointsToAlarm) return decide('ALARM');
  if (filled > 0 && missing === 'breaching' && breaching + filled >= datapointsToAlarm)
    return breaching === 0 ? treated(judgement, filled, 'ALARM') : decide('ALARM');
  const premature = filled > 0 && isPremature(judgement, counted);
  if (premature && missing === 'missing') return decide('ALARM');
  if (premature && missing === 'ignore') return undefined;
  return counted.some((datapoint) => !datapoint.breaching) ? decide('OK') : treated(judgement, filled, 'OK');
}

/**
 * Whether a percentile of so few samples says nothing: fewer than ten beyond it (AWS's rule for
 * EvaluateLowSampleCountPercentile).
 */
export function isLowSample(statistic: string, samples: number): boolean {
  if (!statistic.startsWith('p')) return false;
  const share = Number(statistic.slice(1)) / 100;
  return samples < 10 / (share >= 0.5 ? 1 - share : share);
}
