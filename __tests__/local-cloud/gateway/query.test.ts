import { describe, expect, it } from '@jest/globals';
import { parseQuery } from '../../../local-cloud/gateway/query.ts';

describe('parseQuery', () => {
  const cases: [string, string, Record<string, unknown>][] = [
    ['a scalar', 'Action=X&Version=1&Name=a%20b', { Name: 'a b' }],
    ['a list', 'Action=X&Names.member.1=a&Names.member.2=b', { Names: ['a', 'b'] }],
    ['a list in the order of its numbers', 'Action=X&N.member.10=j&N.member.2=b', { N: ['b', 'j'] }],
    [
      'structures in a list',
      'Action=X&F.member.1.Name=n&F.member.1.Values.member.1=v',
      { F: [{ Name: 'n', Values: ['v'] }] },
    ],
    [
      "EC2's lists without member",
      'Action=X&Filter.1.Name=n&Filter.1.Value.1=v',
      { Filter: [{ Name: 'n', Value: ['v'] }] },
    ],
    [
      'a nested structure',
      'Action=X&P.Min=1&P.Alarm.Names.member.1=a',
      { P: { Min: '1', Alarm: { Names: ['a'] } } },
    ],
    ['a map', 'Action=X&A.entry.1.key=k&A.entry.1.value=v', { A: { k: 'v' } }],
    ['an empty list', 'Action=X&Names=', { Names: '' }],
  ];
  it.each(cases)('reads %s', (_what, form, parameters) => {
    expect(parseQuery(form)).toEqual({ operation: 'X', parameters });
  });

  it('gives plain objects that a hostile name can not reach through', () => {
    const { parameters } = parseQuery('Action=X&__proto__.polluted=yes');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(parameters)).toEqual(['__proto__']);
  });
});
