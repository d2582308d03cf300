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

  it.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_AUTO_SCALING'])(
    'are none where %s names something else than AWS, whose console knows nothing of it',
    (name) => {
      expect(consoleLinks(newRecord(whole), { [name]: 'http://127.0.0.1:4566' })).toEqual([]);
      expect(consoleLinks(newRecord(whole), { [name]: '' })).toHaveLength(2);
    },
  );
});
