import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Computed, isLiteral, loadHcl, readJson } from '../../src/hcl/index.ts';
import type { Value } from '../../src/hcl/index.ts';

/** HashiCorp's parser. The package's own types would bring the DOM's into the whole program. */
const { parse } = createRequire(import.meta.url)('@cdktn/hcl2json') as {
  parse: (file: string, text: string) => Promise<unknown>;
};

const repository = fileURLToPath(new URL('../..', import.meta.url));

function filesIn(folder: string): string[] {
  return readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tf') && !name.includes('.terraform/'))
    .map((name) => join(folder, name));
}

/** What is odd in HCL, and legal. */
const odd = {
  'quotes in templates':
    'locals {\n  a = "x${lookup({ "k" = "}\\"" }, "k")}y"\n}\nvariable "after" { default = "z" }\n',
  'comments in texts': 'locals {\n  a = "arn:aws:s3:::logs/*"\n  b = "*/30 22 * * *"\n}\nvariable "x" {}\n',
  'texts in comments': '/* variable "no" { */ variable "yes" {} # "\n// "\nvariable "too" {}\n',
  heredocs:
    'variable "h" {\n  default = <<-EOT\n      deep\n    variable "no" {}\n\n    $${lit} %%{x}\n  EOT\n}\n',
  'a flat heredoc': 'variable "h" {\n  default = <<EOT\n  a \\n "b"\nEOT\n}\n',
  'a template in a heredoc':
    'locals {\n  h = <<EOT\n%{ if true }a${"}"}%{ endif }\nEOT\n}\nvariable "x" {}\n',
  'lines of Windows': 'variable "w" {\r\n  default = "a"\r\n  type    = string\r\n}\r\n',
  unicode: 'variable "ü" {\n  default = "日本 \\u00e9 \\t \\"q\\" \\\\"\n}\n',
  values: 'variable "v" {\n  default = { a = 1, "b" : [true, null, -2, 1.5], c = { d = "$${e}" } }\n}\n',
  'labels without quotes': 'variable bare {\n  default = 0\n}\n',
  nothing: '# only a comment\n',
};

/** As it is written where a text may be a template, which is what that parser gives. */
function asTemplate(value: Value): unknown {
  return JSON.parse(JSON.stringify(value), (_, one: unknown) =>
    typeof one === 'string' ? one.replace(/[$%](?=\{)/g, '$&$&') : one,
  );
}

describe('a configuration', () => {
  it.each([
    ...[...filesIn('terraform'), ...filesIn('__tests__')].map(
      (file) => [file, readFileSync(join(repository, file), 'utf8')] as const,
    ),
    ...Object.entries(odd),
  ])('is read as HashiCorp’s own parser reads it: %s', async (file, text) => {
    const expected = (await parse(`${basename(file)}.tf`, text)) as Record<string, Record<string, object[]>>;
    const { body, error } = (await loadHcl())(text);
    expect(error).toBeUndefined();
    for (const [type, labels] of [
      ['variable', 1],
      ['output', 1],
      ['module', 1],
      ['resource', 2],
    ] as const) {
      const names = Object.entries(expected[type] ?? {}).flatMap(([name, inner]) =>
        labels === 1 ? [name] : Object.keys(inner).map((each) => `${name}.${each}`),
      );
      const found = new Set(body.blocks(type, labels).map((block) => block.labels.join('.')));
      expect([...found].sort()).toEqual(names.sort());
    }
    for (const { labels, body: variable } of body.blocks('variable', 1)) {
      const value = variable.attributes.default;
      const [theirs] = (expected.variable?.[labels[0] ?? ''] ?? []) as { default?: unknown }[];
      expect(value === undefined).toBe(theirs?.default === undefined);
      if (value !== undefined && isLiteral(value)) expect(asTemplate(value)).toEqual(theirs?.default);
    }
  });

  it('keeps what has to be computed as it is written', async () => {
    const { body } = (await loadHcl())(
      'a = var.x\nb = [optional(string, "y")]\nc = "${z}"\nd = 1 + 2\ne = (3)\n',
    );
    const { a, b, c, d, e } = body.attributes;
    expect(a).toEqual(new Computed('var.x'));
    expect(b).toEqual([
      new Computed('optional(string, "y")', { name: 'optional', given: [new Computed('string'), 'y'] }),
    ]);
    expect([c, d]).toEqual([new Computed('"${z}"'), new Computed('1 + 2')]);
    expect(e).toBe(3);
    expect([a, b, c, d, e].map((value) => isLiteral(value ?? null))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it.each([
    ['a = [1,\n', { line: 1, column: 5 }],
    ['a = 1\nb = {\n  c = = 2\n}\n', { line: 3, column: 7 }],
  ])('tells where it ends to be one: %j', async (text, error) => {
    expect((await loadHcl())(text).error).toMatchObject({ line: error.line });
  });

  it('is the same without the mark that an editor puts first', async () => {
    expect((await loadHcl())('\uFEFFvariable "x" {}\n').body.blocks('variable', 1)).toHaveLength(1);
  });

  it('may be JSON', () => {
    const { body } = readJson(
      '{"//": "x", "terraform": [{"backend": {"s3": {"key": "k"}}}], "variable": {"v": {"default": "${a}"}}}',
    );
    const [terraform] = body.blocks('terraform', 0);
    expect(terraform?.body.blocks('backend', 1)).toMatchObject([
      { labels: ['s3'], body: { attributes: { key: 'k' } } },
    ]);
    expect(body.blocks('variable', 1)[0]?.body.attributes.default).toEqual(new Computed('${a}'));
    expect(readJson('{').error).toEqual({ line: 1, column: 1 });
    expect(readJson('[]').body.blocks('variable', 1)).toEqual([]);
  });
});
