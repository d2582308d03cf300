import { describe, expect, it } from '@jest/globals';
import { consoleLinks } from '../../src/report/links.ts';
import { newRecord } from '../../src/report/record.ts';
import { whole } from './fixtures.ts';

describe('consoleLinks', () => {
  it('go to the console of the partition', () => {
    const hosts = ['eu-north-1', 'us-gov-west-1', 'cn-north-1'].map(
      (region) => new URL(consoleLinks(newRecord({ ...whole, region }))[0]?.address ?? '').host,
    );
    expect(hosts).toEqual([
      'eu-north-1.console.aws.amazon.com',
      'us-gov-west-1.console.amazonaws-us-gov.com',
      'cn-north-1.console.amazonaws.cn',
    ]);
  });
});
