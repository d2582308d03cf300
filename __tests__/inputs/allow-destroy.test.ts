import { describe, expect, it } from '@jest/globals';
import { parseAllowDestroy } from '../../src/inputs/allow-destroy.ts';
import { InputReader } from '../../src/inputs/reader.ts';

const parse = (text: string) => {
  const reader = new InputReader(() => text);
  return { entries: parseAllowDestroy(reader, 'allow-destroy'), problems: reader.problems };
};

describe('allow-destroy', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['aws_lb', ['aws_lb']],
    ['aws_lb.main, aws_db_instance.main[0]', ['aws_lb.main', 'aws_db_instance.main[0]']],
    [
      'module.a["x,y"].aws_s3_bucket.b["c\\"d, e"]\naws_lb',
      ['module.a["x,y"].aws_s3_bucket.b["c\\"d, e"]', 'aws_lb'],
    ],
    [
      ' module.a.module.b[1].aws_lb.this \n\n aws_lb.main,\naws_lb.main',
      ['module.a.module.b[1].aws_lb.this', 'aws_lb.main'],
    ],
    ['mongodbatlas_cluster.my-db', ['mongodbatlas_cluster.my-db']],
  ])('takes addresses and types: %j', (text, entries) => {
    expect(parse(text)).toEqual({ entries, problems: [] });
  });

  it.each([
    'all',
    '*',
    'true',
    'aws_lb.*',
    'module.service',
    'data.aws_vpc.main',
    'aws_lb.main[zero]',
    'aws_lb.main.arn',
    'aws_lb.main["a]',
    'AWS_LB',
    'aws_lb main',
  ])('refuses what is neither: %s', (text) => {
    expect(parse(`aws_lb, ${text}`).problems).toEqual([
      {
        input: 'allow-destroy',
        is: expect.stringContaining(`${JSON.stringify(text)}; give the address of a resource`),
      },
    ]);
  });
});
