import { describe, expect, it } from '@jest/globals';
import { evaluateExpression, ExpressionError } from '../../../local-cloud/metrics/expression.ts';

const times = [0, 1, 2];
const all: Record<string, Map<number, number>> = {
  requests: new Map([
    [0, 10],
    [1, 0],
    [2, 40],
  ]),
  errors: new Map([[2, 10]]),
  never: new Map(),
};

const evaluate = (text: string): (number | undefined)[] => {
  const series = evaluateExpression(text, { times, series: (id) => all[id] });
  return times.map((at) => series.get(at));
};

describe('metric math', () => {
  it.each<[string, (number | undefined)[]]>([
    ['1 + 2 * 3', [7, 7, 7]],
    ['(1 + 2) * 3 - -1', [10, 10, 10]],
    ['8 / 2 / 2', [2, 2, 2]],
    ['requests', [10, 0, 40]],
    ['errors / requests', [undefined, undefined, 0.25]],
    ['FILL(errors, 0) / requests', [0, undefined, 0.25]],
    ['FILL(never, 0) + requests', [10, 0, 40]],
    ['FILL(errors, REPEAT)', [undefined, undefined, 10]],
    ['requests > 5', [1, 0, 1]],
    ['requests > 5 AND requests < 20', [1, 0, 0]],
    ['requests > 20 || requests == 0', [0, 1, 1]],
    ['IF(requests > 0, 100 * FILL(errors, 0) / requests, 0)', [0, 0, 25]],
    ['IF(errors > 0, 1)', [undefined, undefined, 1]],
    ['SUM([requests, errors])', [10, 0, 50]],
    ['MAX(requests)', [40, 40, 40]],
    ['AVG([requests, errors])', [10, 0, 25]],
    ['CEIL(requests / 15)', [1, 0, 3]],
  ])('%s', (text, values) => {
    expect(evaluate(text)).toEqual(values);
  });

  it.each([
    ['1 +', 'it ends too early'],
    ['requests requests', '"requests" is not expected'],
    ['(requests', 'it ends too early'],
    ['nothing', 'there is no query with the id nothing'],
    ['ANOMALY_DETECTION_BAND(requests, 2)', 'no function ANOMALY_DETECTION_BAND of 2 parameters'],
    ['FILL(errors, LINEAR)', 'no FILL with LINEAR'],
    ['requests ? 1', 'can not be read from "? 1" on'],
  ])('refuses %s', (text, why) => {
    expect(() => evaluate(text)).toThrow(ExpressionError);
    expect(() => evaluate(text)).toThrow(why);
  });
});
