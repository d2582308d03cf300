import { describe, expect, it } from '@jest/globals';
import { RuleDelay } from '../../../local-cloud/load-balancer/rule-delay.ts';

describe('the delay of changed rules', () => {
  it('is the usual one until a test asks for another', () => {
    const delay = new RuleDelay(1);
    expect(delay.milliseconds).toBe(1000);
    expect(delay.inject({ weightDelay: 0 })).toEqual({ weightDelay: 0 });
    expect(delay.milliseconds).toBe(0);
    delay.clear();
    expect(delay.milliseconds).toBe(1000);
  });

  it.each([
    null,
    {},
    { weightDelay: -1 },
    { weightDelay: '5' },
    { weightDelay: 1e9 },
    { weightDelay: 1, x: 1 },
  ])('can not be %j', (value) => {
    expect(() => new RuleDelay(1).inject(value)).toThrow('{"weightDelay": <seconds>}');
  });
});
