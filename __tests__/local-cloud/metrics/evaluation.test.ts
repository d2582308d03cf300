import { describe, expect, it } from '@jest/globals';
import {
  type Datapoint,
  evaluateAlarm,
  isLowSample,
  type Judgement,
  type MissingData,
} from '../../../local-cloud/metrics/evaluation.ts';

const base: Judgement = {
  ...{ threshold: 1, comparison: 'GreaterThanThreshold', evaluationPeriods: 3, datapointsToAlarm: 3 },
  missing: 'missing',
};

/** As AWS's tables write it, oldest first: `0` is fine, `X` breaches, `-` is missing. */
const points = (written: string): Datapoint[] =>
  written
    .split(' ')
    .map((mark, index) => ({
      at: Date.UTC(2026, 10, 27, 19, index),
      value: mark === '-' ? undefined : mark === 'X' ? 2 : 0,
    }))
    .reverse();

const outcome = (written: string, judgement: Partial<Judgement>): string =>
  evaluateAlarm({ ...base, ...judgement }, points(written))?.state ?? 'as it was';

const treatments: MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

describe("AWS's table of three out of three", () => {
  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'as it was', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'as it was', 'ALARM', 'OK']],
  ])('%s', (written, states) => {
    expect(treatments.map((missing) => outcome(written, { missing }))).toEqual(states);
  });
});

describe("AWS's table of two out of three", () => {
  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', 'as it was', 'ALARM', 'OK']],
  ])('%s', (written, states) => {
    const judged = treatments.map((missing) => outcome(written, { missing, datapointsToAlarm: 2 }));
    expect(judged).toEqual(states);
  });
});

describe('an alarm', () => {
  it.each<[Judgement['comparison'], string]>([
    ['GreaterThanThreshold', 'OK OK ALARM'],
    ['GreaterThanOrEqualToThreshold', 'OK ALARM ALARM'],
    ['LessThanThreshold', 'ALARM OK OK'],
    ['LessThanOrEqualToThreshold', 'ALARM ALARM OK'],
  ])('compares: %s', (comparison, states) => {
    const judgement = { ...base, comparison, evaluationPeriods: 1, datapointsToAlarm: 1 };
    const judged = [0, 1, 2].map((value) => evaluateAlarm(judgement, [{ at: 0, value }])?.state);
    expect(judged.join(' ')).toBe(states);
  });

  it.each<[string, Partial<Judgement>, string]>([
    [
      '0 0 X X X',
      {},
      'Threshold Crossed: 3 out of the last 3 datapoints [2.0 (27/11/26 19:04:00), 2.0 (27/11/26 19:03:00), ' +
        '2.0 (27/11/26 19:02:00)] were greater than the threshold (1.0) (minimum 3 datapoints for OK -> ALARM transition).',
    ],
    [
      'X X X X 0',
      {},
      'Threshold Crossed: 1 datapoint [0.0 (27/11/26 19:04:00)] was not greater than the threshold (1.0) ' +
        '(minimum 1 datapoint for ALARM -> OK transition).',
    ],
    ['- - - - -', {}, 'Insufficient Data: 3 datapoints were unknown.'],
    [
      '- - - - -',
      { missing: 'notBreaching' },
      'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [NonBreaching].',
    ],
  ])('says why: %s', (written, judgement, reason) => {
    expect(evaluateAlarm({ ...base, ...judgement }, points(written))?.reason).toBe(reason);
  });

  it.each([
    ['p95', 199, true],
    ['p95', 200, false],
    ['p50', 19, true],
    ['p10', 100, false],
    ['Average', 1, false],
  ])('has too few samples for %s of %d: %s', (statistic, samples, low) => {
    expect(isLowSample(statistic, samples)).toBe(low);
  });
});
