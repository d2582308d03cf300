import { describe, expect, it } from '@jest/globals';
import { outputsIn, parseOutputs, protectOutputs } from '../../src/terraform/outputs.ts';

describe('the outputs', () => {
  it('are given without what is sensitive, which the log hides, but not what is public', () => {
    const told: unknown[] = [];
    const log = {
      secret: (...parameters: unknown[]) => void told.push(parameters),
      publish: (...parameters: unknown[]) => void told.push(parameters),
    };
    const outputs = {
      password: { value: { admin: ['hunter22'] }, sensitive: true },
      url: { value: 'http://shop.example', type: 'string' },
      alarm_names: { value: ['one', 'two'] },
      database: { value: 'shop' },
    };
    expect(protectOutputs(log, outputs)).toEqual({
      password: { sensitive: true },
      url: { value: 'http://shop.example' },
      alarm_names: { value: ['one', 'two'] },
      database: { value: 'shop' },
    });
    expect(told).toEqual([
      [{ 'output "url"': 'http://shop.example' }, true],
      [{ 'output "alarm_names"': 'one', 'output "alarm_names" (2)': 'two' }, true],
      [{ 'output "database"': 'shop' }, false],
      ['hunter22', 'output "password"'],
    ]);
  });

  it('of a plan are read as far as it knows them', () => {
    const outputs = {
      url: { sensitive: false },
      platform: { sensitive: false, type: 'dynamic', value: null },
      alarm_names: { sensitive: false, type: ['tuple', []], value: [] },
      password: { sensitive: true, type: 'string', value: 'hunter22' },
    };
    expect(outputsIn({ planned_values: { outputs } })).toEqual({
      url: {},
      platform: { value: null },
      alarm_names: { value: [] },
      password: { sensitive: true },
    });
    expect(outputsIn({})).toEqual({});
  });
});

it.each([
  ['outputs', '{"url":{"value":"http://x","sensitive":false}}', true],
  ['none', '{}', true],
  ['cut ones', '{"url":{"value":"htt', false],
  ['a list', '[]', false],
  ['a value without its wrapping', '{"url":"http://x"}', false],
])('%s are read, or said to be none', (_, text, areOutputs) => {
  expect(parseOutputs(text) !== undefined).toBe(areOutputs);
});
