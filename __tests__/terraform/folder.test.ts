import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { initialisedCopy, ROOT, run, terraformVariables } from './render.ts';
import { describeWith } from '../support/tools.ts';
import { between, inputTables, outputTable } from './tables.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const terraform = (cwd: string, ...parameters: string[]) =>
  run('terraform', [...parameters, '-no-color'], { cwd, env: terraformVariables() });

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
    for (const file of ['variables.tf', 'outputs.tf', 'bootstrap/variables.tf', 'bootstrap/outputs.tf']) {
      const source = read(file);
      const declared = source.match(/^(?:variable|output) "/gm) ?? [];
      expect(source.match(/^ {2}description\s+= "/gm)).toHaveLength(declared.length);
    }
    const messages = [...read('variables.tf').matchAll(/error_message = "(.*)"$/gm)].map(
      ([, message]) => message,
    );
    expect(messages.length).toBeGreaterThan(30);
    for (const message of messages) expect(message).toMatch(/\b(write|is|are|keeps|Choose|needs|fit)\b/);
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

  it.each([
    ['inputs', () => inputTables(read('variables.tf'))],
    ['outputs', () => outputTable(read('outputs.tf'))],
    ['bootstrap-inputs', () => inputTables(read('bootstrap/variables.tf'))],
    ['bootstrap-outputs', () => outputTable(read('bootstrap/outputs.tf'))],
  ])('has the %s of the code in its README', (marker, table) => {
    expect(between(read('README.md'), marker)).toBe(table());
  });
});

// Its run blocks are a suite of their own in `npm test` (scripts/suites/terraform-test.ts).
describeWith(['terraform'], 'terraform/ with the real provider', () => {
  const roots = ['.', 'bootstrap', 'examples/minimal'];
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
  it.each(['dev', 'staging', 'prod'])('%s names only variables and fields that exist', (environment) => {
    const source = read(`environments/${environment}.tfvars`).replace(/^ *#.*$/gm, '');
    const known = inputTables(read('variables.tf'));
    const names = [...source.matchAll(/(?:^|[{,\n])\s*(\w+)\s*=(?!=)/g)].map(([, name = '']) => name);
    expect(names).toContain('capacity');
    for (const name of names) expect(known).toContain(`| \`${name}\` |`);
  });
});
