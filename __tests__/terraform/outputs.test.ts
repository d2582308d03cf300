import { describe, expect, it } from '@jest/globals';
import { outputsIn, withoutSecrets } from '../../src/terraform/outputs.ts';

describe('the outputs', () => {
  it('of a state are read without what is sensitive', () => {
    const outputs = {
      url: { value: 'http://shop.example', type: 'string' },
      password: { value: 'hunter22', sensitive: true },
    };
    expect(withoutSecrets(outputs)).toEqual({
      url: { value: 'http://shop.example' },
      password: { sensitive: true },
    });
  });

  it('of a plan are read as far as it knows them', () => {
    const outputs = {
      url: { sensitive: false },
      platform: { sensitive: false, type: 'dynamic', value: null },
      alarm_names: { sensitive: false, type: ['tuple', []], value: [] },
      password: { sensitive: true, type: 'string', value: 'hunter22' },
    };
    expect(outputsIn(JSON.stringify({ planned_values: { outputs } }))).toEqual({
      url: {},
      platform: { value: null },
      alarm_names: { value: [] },
      password: { sensitive: true },
    });
    expect(outputsIn('{}')).toEqual({});
  });
});
