/**
 * Provider 5.100 runs in the other tests. Module and examples admit 6.x too, and the roots are raised to it one day:
 * everything that the folder uses has to be there.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ProviderSchemas } from './provider-schema.ts';
import { ROOT } from './render.ts';
import { missingIn, typesIn } from './uses.ts';

const files = (root: string): string[] =>
  readdirSync(join(ROOT, root))
    .filter((name) => name.endsWith('.tf'))
    .map((name) => readFileSync(join(ROOT, root, name), 'utf8'));

const roots = {
  '.': files('.'),
  'modules/service': files('modules/service'),
  bootstrap: files('bootstrap'),
  'examples/minimal': files('examples/minimal'),
  'examples/module': files('examples/module'),
};
const all = Object.values(roots).flat();

/** Wrong in one place each; what stands beside it is right. */
const mistakes = {
  type: 'resource "aws_elastic_thing" "x" {}',
  argument: 'resource "aws_lb" "x" {\n  name      = "x"\n  idle_time = 60\n}',
  block: 'resource "aws_lb" "x" {\n  logs {\n    bucket = "b"\n  }\n}',
  'argument of a block':
    'resource "aws_lb" "x" {\n  access_logs {\n    bucket = "b"\n    folder = "f"\n  }\n}',
  'argument of a dynamic block':
    'resource "aws_lb" "x" {\n  dynamic "access_logs" {\n    for_each = [1]\n    content {\n      path = "p"\n    }\n  }\n}',
  attribute: 'locals {\n  x = "${aws_lb.x.host_name}${aws_lb.x.dns_name}"\n}',
  'attribute of an ephemeral resource': 'locals {\n  x = ephemeral.aws_ssm_parameter.x[0].secret\n}',
  'attribute in a loop': 'locals {\n  x = [for id, one in data.aws_subnet.existing : one.zone]\n}',
  'change that is ignored':
    'resource "aws_autoscaling_group" "x" {\n  lifecycle {\n    ignore_changes = [launch_template[0].revision, desired_capacity]\n  }\n}',
};

const schemas = await ProviderSchemas.read(await typesIn([...all, ...Object.values(mistakes)])).catch(
  (error: unknown) => String(error).split('\n')[0],
);
const when =
  schemas instanceof ProviderSchemas
    ? `provider ${schemas.version}`
    : `(skipped: its schema can't be had: ${schemas})`;

(schemas instanceof ProviderSchemas ? describe : describe.skip)(`with ${when}`, () => {
  const missing = (sources: string[]): Promise<string[]> => missingIn(sources, schemas as ProviderSchemas);

  it('is version 6', () => {
    expect(schemas).toMatchObject({ version: expect.stringMatching(/^6\./) as unknown });
  });

  it.each(Object.entries(roots))('%s uses nothing that is not there', async (_, sources) => {
    expect(await missing(sources)).toEqual([]);
  });

  it.each([
    ['type', 'resource aws_elastic_thing'],
    ['argument', 'aws_lb.x.idle_time'],
    ['block', 'aws_lb.x.logs'],
    ['argument of a block', 'aws_lb.x.access_logs.folder'],
    ['argument of a dynamic block', 'aws_lb.x.access_logs.path'],
    ['attribute', 'resource aws_lb attribute host_name'],
    ['attribute of an ephemeral resource', 'ephemeral aws_ssm_parameter attribute secret'],
    ['attribute in a loop', 'data aws_subnet attribute zone'],
    ['change that is ignored', 'aws_autoscaling_group.x ignores launch_template.revision'],
  ] as const)('a wrong %s is found', async (name, found) => {
    expect(await missing([mistakes[name]])).toEqual([found]);
  });

  it('looks at resources, data sources and ephemeral resources', async () => {
    const types = (await typesIn(all)).map(([kind, type]) => `${kind} ${type}`);
    expect(types).toEqual(
      expect.arrayContaining([
        'resource aws_lb',
        'data aws_subnet',
        'ephemeral aws_ssm_parameter',
        'provider aws',
      ]),
    );
    expect(new Set(types).size).toBeGreaterThan(50);
  });
});
