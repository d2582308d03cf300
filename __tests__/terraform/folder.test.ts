import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { initialisedCopy, ROOT, run, terraformVariables } from './render.ts';
import { describeWith } from '../support/tools.ts';
import { declarations } from '../../scripts/docs/hcl.ts';
import { terraformReadmes, withTerraformTables } from '../../scripts/docs/terraform-readmes.ts';
import { inputTables } from '../../scripts/docs/terraform-tables.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const terraform = (cwd: string, ...parameters: string[]) =>
  run('terraform', [...parameters, '-no-color'], { cwd, env: terraformVariables() });

const roots = [
  '.',
  'modules/service',
  'modules/rollout-policy',
  'bootstrap',
  'bootstrap/account',
  'examples/minimal',
  'examples/module',
];

describeWith(['terraform'], 'terraform/', () => {
  it('is formatted', async () => {
    expect(await terraform(ROOT, 'fmt', '-check', '-recursive', '-diff')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('terraform/ as it is written', () => {
  it('says what each variable and output is, and what to write when a value is refused', () => {
    for (const file of roots.flatMap((root) => [`${root}/variables.tf`, `${root}/outputs.tf`])) {
      const source = read(file);
      const declared = source.match(/^(?:variable|output) "/gm) ?? [];
      expect(source.match(/^ {2}description\s+= "/gm)).toHaveLength(declared.length);
    }
    const messages = [...read('modules/service/variables.tf').matchAll(/error_message = "(.*)"$/gm)].map(
      ([, message]) => message,
    );
    expect(messages.length).toBeGreaterThan(30);
    for (const message of messages) expect(message).toMatch(/\b(write|is|are|keeps|Choose|needs|fit)\b/);
  });

  it('runs one exact provider in the roots that the action runs, which the module and the examples admit', () => {
    const [root, bootstrap, ...others] = [
      '.',
      'bootstrap',
      'modules/service',
      'examples/minimal',
      'examples/module',
    ].map((folder) => /^ {6}version\s*= "(.*)"/m.exec(read(`${folder}/versions.tf`))?.[1] ?? '');
    expect(root).toMatch(/^5\.[1-9]\d{2}\.\d+$/);
    expect(bootstrap).toBe(root);
    expect(new Set(others)).toEqual(new Set(['>= 5.100, < 7.0']));
  });

  it('opens port 22 nowhere, moves no group and keeps no lock file of one platform', () => {
    const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.tf'))) {
      expect(read(file)).not.toMatch(
        /_port\s*=\s*22\b|instance_refresh \{|version\s*=\s*"\$(Latest|Default)"/,
      );
    }
    expect(files.filter((name) => name.endsWith('.terraform.lock.hcl'))).toEqual([]);
  });

  it.each(terraformReadmes)('has the inputs and outputs of the code in %s', async (path) => {
    const written = read(`../${path}`);
    expect(written).toBe(await withTerraformTables(path, written));
  });
});

describe('the root', () => {
  const inRoot = (file: string, kind: 'variable' | 'output' | 'module') =>
    declarations(join(ROOT, file), kind);

  /** What it has of its own: the tags of its provider, and what an environment's database is like. */
  const own = ['database_defaults', 'tags'];

  it('hands every variable of the module through, and the database with what the environment has for one', async () => {
    const names = (await inRoot('modules/service/variables.tf', 'variable')).map(([name]) => name);
    const declared = (await inRoot('variables.tf', 'variable')).map(([name]) => name);
    expect(declared.filter((name) => !own.includes(name))).toEqual(names);
    expect(declared).toEqual(expect.arrayContaining(own));
    const [[, call] = []] = await inRoot('main.tf', 'module');
    const handed = names.map((name) => [name, `\${var.${name}}`]);
    expect(call).toEqual({
      source: './modules/service',
      ...(Object.fromEntries(handed) as object),
      database: '${local.database}',
    });
  });

  it('leaves nothing out that the module would not leave out the same way', async () => {
    const module = new Map(await inRoot('modules/service/variables.tf', 'variable'));
    for (const [name, { default: fallback }] of await inRoot('variables.tf', 'variable'))
      if (name !== 'region' && !own.includes(name))
        expect([name, fallback]).toEqual([name, module.get(name)?.default]);
  });

  it('hands every output of the module through, with what it is', async () => {
    const module = await inRoot('modules/service/outputs.tf', 'output');
    expect(await inRoot('outputs.tf', 'output')).toEqual(
      module.map(([name, { description }]) => [name, { description, value: `\${module.service.${name}}` }]),
    );
  });
});

// Its run blocks are a suite of their own in `npm test` (scripts/suites/terraform-test.ts).
describeWith(['terraform'], 'terraform/ with the real provider', () => {
  let copy = '';

  beforeAll(async () => {
    copy = await initialisedCopy(roots);
  }, 120_000);

  afterAll(() => {
    if (copy !== '') rmSync(copy, { recursive: true, force: true });
  });

  it.each(roots)(
    '%s is valid, without a warning',
    async (root) => {
      const { stdout, stderr } = await terraform(join(copy, root), 'validate', '-json');
      expect({ stderr, ...(JSON.parse(stdout) as object) }).toMatchObject({
        valid: true,
        warning_count: 0,
        stderr: '',
      });
    },
    60_000,
  );
});

describe('environments/', () => {
  it.each(['dev', 'staging', 'prod'])(
    '%s names only variables and fields that exist',
    async (environment) => {
      const source = read(`environments/${environment}.tfvars`).replace(/^ *#.*$/gm, '');
      const tables = [await inputTables(join(ROOT, 'modules/service')), await inputTables(ROOT)];
      const known = tables.flat().join('\n');
      const names = [...source.matchAll(/(?:^|[{,\n])\s*(\w+)\s*=(?!=)/g)].map(([, name = '']) => name);
      expect(names).toContain('capacity');
      for (const name of names) expect(known).toContain(`| \`${name}\` |`);
    },
  );
});
