import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { outputsOf, oversizedOutputs } from '../../src/report/outputs.ts';
import { newRecord } from '../../src/report/record.ts';
import { asked, digest, failure, image, outputs, whole } from './fixtures.ts';

describe('outputsOf', () => {
  it('tells a success', () => {
    expect(outputsOf(newRecord(whole), undefined, 61_400)).toEqual({
      status: 'deployed',
      'failure-reason': '',
      url: 'http://shop.example',
      image: image.reference,
      'image-digest': digest,
      'template-version': '42',
      'previous-template-version': '41',
      'instance-refresh-id': 'refresh-1',
      'duration-seconds': '60',
      'plan-summary': '',
      running: '',
      'terraform-outputs': '{"url":"http://shop.example","launch_template_version":42}',
    });
  });

  it('has every output of action.yml, also when nothing is known', async () => {
    const { outputs: declared } = parse(await readFile('action.yml', 'utf8')) as { outputs: object };
    const set = outputsOf(newRecord(asked), failure, 1000);
    expect(Object.keys(set).sort()).toEqual(Object.keys(declared).sort());
    expect(set).toMatchObject({ status: 'failed', 'failure-reason': 'boot-failed', url: '' });
  });
});

describe('oversizedOutputs', () => {
  it.each([
    ['none where GitHub takes all', { one: 'x'.repeat(200_000), other: 'x'.repeat(200_000) }, []],
    ['the largest, until the rest fits', { a: 'x'.repeat(300_000), b: ['x'.repeat(400_000)], c: 1 }, ['b']],
    ['as many as it takes', { a: 'x'.repeat(500_000), b: 'x'.repeat(600_000), c: 1 }, ['b', 'a']],
  ])('are %s', (_, all, left) => {
    const record = newRecord({ ...whole, outputs: { ...outputs, all } });
    expect(oversizedOutputs(record)).toEqual(left);
    expect(outputsOf(record, undefined, 1, left)['terraform-outputs']?.length).toBeLessThan(524_288);
  });

  it('do not count what is withheld anyway', () => {
    const all = { secret: 'x'.repeat(400_000), a: 'x'.repeat(300_000) };
    expect(oversizedOutputs(newRecord({ ...whole, outputs: { ...outputs, all } }), ['secret'])).toEqual([]);
  });
});
