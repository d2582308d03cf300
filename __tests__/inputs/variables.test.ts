import { describe, expect, it } from '@jest/globals';
import { loadHcl } from '../../src/hcl/index.ts';
import { InputReader } from '../../src/inputs/reader.ts';
import { mayBeHcl, parseVariables } from '../../src/inputs/variables.ts';

async function parse(text: string) {
  const reader = new InputReader(() => text);
  const variables = parseVariables(reader, 'terraform-variables', { readHcl: await loadHcl() });
  return { variables, problems: reader.problems.map(({ is }) => is) };
}

describe('terraform-variables', () => {
  it.each<[string, string, Record<string, unknown>]>([
    [
      'texts',
      'a = eu-north-1\nb=a = b\nc = abc#1\nd = https://x/y\ne =',
      { a: 'eu-north-1', b: 'a = b', c: 'abc#1', d: 'https://x/y', e: '' },
    ],
    [
      'numbers and bools as texts',
      'a = 3 # three\nb = true // yes\nc = 007',
      { a: '3', b: 'true', c: '007' },
    ],
    ['nothing', 'a = null\nb = null # none\nc = nullable', { a: null, b: null, c: 'nullable' }],
    ['JSON on a line', 'a = {"b": "${c}"}\nd = "e\\n"', { a: { b: '${c}' }, d: 'e\n' }],
    ['JSON over lines', 'a = {\n  "b": [\n    1\n  ]\n}\nc = d', { a: { b: [1] }, c: 'd' }],
    [
      'HCL',
      'a = "x" # y\nb = [1, # one\n  "two", // 2\n]\nc = {\n  k = "v"\n  "q" : true\n}',
      { a: 'x', b: [1, 'two'], c: { k: 'v', q: true } },
    ],
    [
      'heredocs',
      'a = <<-EOT\n   x = 1\n     # no\n  EOT\nb = <<E\n"q" $${d}\nE\n',
      { a: 'x = 1\n  # no\n', b: '"q" ${d}\n' },
    ],
    ['comments', '# a = 1\n\n// b\n/* c = 3\n d */ e = 4\n  /* f */\n', { e: '4' }],
    ['lines of Windows', 'a = "x"\r\nb = [\r\n  1,\r\n]\r\nc = d\r\n', { a: 'x', b: [1], c: 'd' }],
    ['one object of JSON', '\n {"a": {"b": 1}}', { a: { b: 1 } }],
    ['big numbers', 'a = [123456789012345678901,]', { a: ['123456789012345678901'] }],
  ])('may hold %s', async (_, text, variables) => {
    expect(await parse(text)).toEqual({ variables, problems: [] });
  });

  it.each<[string, string, RegExp]>([
    ['no assignment', 'a = 1\n  b\n', /line 2, column 3: this is no name = value/],
    [
      'a list that does not end',
      'a = s3cret\nb = [\n "s3cret",\n',
      /line [24], column \d+: the value of b is not whole, or not one/,
    ],
    ['a heredoc that does not end', 'a = <<EOT\ns3cret\n', /the value of a is not whole/],
    ['a mistake within', 'x = {\n  a = = "s3cret"\n}', /line 2, column 7: the value of x/],
    ['two on a line', 'x = "s3cret" y = "b"', /line 1, column \d+: the value of x/],
    ['a block behind', 'x = "s3cret" y {}', /line 1, column \d+: the value of x/],
    [
      'a reference',
      'a = {\n  b = var.s3cret\n}',
      /line 1, column 5: the value of a would have to be computed/,
    ],
    ['what may be a comment', 'a = s3cret # b', /line 1, column 5: put the value of a in quotes/],
    ['a comment that does not end', '/* a = s3cret\n', /line 1, column 1/],
    ['a name twice', 'a = 1\na = [\n2]', /give a once/],
    ['what the action gives', 'region = "s3cret"', /leave out region/],
  ])('is refused for %s, with its place and without its value', async (_, text, problem) => {
    const { problems } = await parse(text);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('s3cret');
  });

  it('needs the parser only where it is not an object of JSON', () => {
    expect(['', ' \n', '{"a": 1}', ' a = 1'].map(mayBeHcl)).toEqual([false, false, false, true]);
  });
});
